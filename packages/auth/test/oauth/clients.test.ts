import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { basic, redirect, world } from "./world.ts"

const secretly = { token_endpoint_auth_method: "client_secret_basic" }

describe("a client that registers itself", () => {
  it.effect("is refused in the words of RFC 7591 where what it says of itself is malformed", () =>
    Effect.gen(function* () {
      const { register, told } = yield* world({ "auth.registrationsPerAddress": 100 })
      for (const [metadata, error] of [
        [{ redirect_uris: "https://app.example" }, "invalid_client_metadata"],
        [{ redirect_uris: Array.from({ length: 21 }, () => redirect) }, "invalid_client_metadata"],
        [{ redirect_uris: [] }, "invalid_redirect_uri"],
        [{ redirect_uris: ["http://app.example/cb"] }, "invalid_redirect_uri"],
        [{ redirect_uris: ["javascript:alert(1)"] }, "invalid_redirect_uri"],
        [{ redirect_uris: ["https://app.example/cb#x"] }, "invalid_redirect_uri"],
        [{ redirect_uris: ["https://*.example/cb"] }, "invalid_redirect_uri"],
        [{ client_name: "x".repeat(201) }, "invalid_client_metadata"],
        [{ client_name: 7 }, "invalid_client_metadata"],
        [{ token_endpoint_auth_method: "client_secret_jwt" }, "invalid_client_metadata"],
        [{ token_endpoint_auth_method: "private_key_jwt" }, "invalid_client_metadata"],
        [{ grant_types: ["password"] }, "invalid_client_metadata"],
        [{ grant_types: ["client_credentials"] }, "invalid_client_metadata"],
        [{ grant_types: ["implicit"], response_types: ["token"] }, "invalid_client_metadata"],
        [{ response_types: ["code token"] }, "invalid_client_metadata"],
        [{ scope: "read admin" }, "invalid_client_metadata"],
        [{ jwks: { keys: "none" } }, "invalid_client_metadata"],
        [{ jwks_uri: "https://evil.example/keys" }, "invalid_client_metadata"],
        [{ jwks: { keys: [] }, jwks_uri: "https://evil.example/keys" }, "invalid_client_metadata"]
      ] as const) {
        expect([metadata, yield* register(metadata)]).toMatchObject([metadata, { status: 400, body: { error } }])
      }
      const malformed = yield* told("/auth/register", {
        method: "POST",
        body: "{",
        headers: { "content-type": "application/json" }
      })
      expect(malformed).toMatchObject({ status: 400, body: { error: "invalid_client_metadata" } })
    })
  )

  it.effect("may do so so many times an hour from one address, and whoever is known as often as they like", () =>
    Effect.gen(function* () {
      const { ada, register, rows } = yield* world({ "auth.registrationsPerAddress": 3 })
      // The world has registered one.
      for (let round = 0; round < 2; round++) expect((yield* register()).status).toBe(201)
      const refused = yield* register()
      expect(refused).toMatchObject({
        status: 429,
        headers: { "retry-after": "3600" },
        body: { error: "temporarily_unavailable" }
      })
      expect((yield* register({}, ada.key)).status).toBe(201)
      yield* TestClock.adjust("1 hour")
      expect((yield* register()).status).toBe(201)
      expect(yield* rows("SELECT address FROM auth_audit WHERE event = 'rate-limited'")).toHaveLength(1)
    })
  )
})

describe("a client", () => {
  it.effect("proves who it is in the one way that it registered, and in no two at once", () =>
    Effect.gen(function* () {
      const { client, code, post, register } = yield* world()
      const { body } = yield* register(secretly)
      const [id, secret] = [body.client_id ?? "", body.client_secret ?? ""]
      const other = yield* register({ token_endpoint_auth_method: "client_secret_post" })
      const [postId, postSecret] = [other.body.client_id ?? "", other.body.client_secret ?? ""]
      const got = yield* code()
      const form = { grant_type: "authorization_code", code: got.code, code_verifier: got.verifier }
      const assertion = { client_assertion: "a.b.c", client_assertion_type: "urn:x" }
      for (const [params, headers, status, error] of [
        [{ client_id: id, client_secret: secret }, {}, 401, "invalid_client"],
        [{ client_id: id }, {}, 401, "invalid_client"],
        [{ client_id: id, client_secret: secret }, basic(id, secret), 400, "invalid_request"],
        [{ client_id: client }, basic(id, secret), 400, "invalid_request"],
        [assertion, basic(id, secret), 400, "invalid_request"],
        [{}, basic(id, "wrong"), 401, "invalid_client"],
        [{}, basic(postId, postSecret), 401, "invalid_client"],
        [{}, basic(client, "x"), 401, "invalid_client"],
        [{ client_id: client, client_secret: "x" }, {}, 401, "invalid_client"],
        [{}, basic("nobody", "x"), 401, "invalid_client"],
        [{}, { authorization: "Basic !!" }, 401, "invalid_client"],
        [{}, { authorization: "Bearer x" }, 401, "invalid_client"],
        [assertion, {}, 401, "invalid_client"],
        [{}, {}, 401, "invalid_client"]
      ] as const) {
        const answer = yield* post("/auth/token", { ...form, ...params }, headers)
        expect([params, headers, answer]).toMatchObject([params, headers, { status, body: { error } }])
      }
      // Who has proved who they are gets to the code, which is another's.
      const proven = yield* post("/auth/token", form, basic(id, secret))
      expect(proven).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
      expect((yield* post("/auth/token", { ...form, client_id: client })).status).toBe(200)
    })
  )

  it.effect("gets a new secret from who registered it or an operator; the one before lasts as long as is asked", () =>
    Effect.gen(function* () {
      const { ada, operatorToken, post, register, request, user } = yield* world()
      const bob = yield* user("bob")
      const { body } = yield* register(secretly, ada.key)
      const id = body.client_id ?? ""
      const isGood = (secret: string) =>
        Effect.map(post("/auth/introspect", { token: "x" }, basic(id, secret)), ({ body }) => body.active === false)
      const renew = (token: string, json: unknown = {}) =>
        Effect.map(request(`/auth/clients/${id}/secret`, { token, json }), ({ json, status }) => ({
          status,
          secret: (json as { readonly client_secret?: string }).client_secret ?? ""
        }))
      const first = body.client_secret ?? ""
      for (const token of [bob.key, ""]) expect((yield* renew(token)).status).toBe(token === "" ? 401 : 404)
      const second = (yield* renew(ada.key, { overlap: 3_600 })).secret
      expect(yield* Effect.forEach([first, second], isGood)).toEqual([true, true])
      yield* TestClock.adjust("1 hour")
      expect(yield* Effect.forEach([first, second], isGood)).toEqual([false, true])
      const third = (yield* renew(operatorToken())).secret
      expect(yield* Effect.forEach([first, second, third], isGood)).toEqual([false, false, true])
      expect((yield* renew(ada.key, { overlap: 604_801 })).status).toBe(400)
    })
  )

  it.effect("learns of no tokens but its own, and only if it proves who it is", () =>
    Effect.gen(function* () {
      const { client, post, register, tokens, who } = yield* world()
      const { body } = yield* register(secretly)
      const shown = basic(body.client_id ?? "", body.client_secret ?? "")
      const { access_token = "", refresh_token = "" } = (yield* tokens()).body
      for (const token of [access_token, refresh_token, "x", ""]) {
        const answer = yield* post("/auth/introspect", { token }, shown)
        expect(token === "" ? answer.body.error : answer.body).toEqual(
          token === "" ? "invalid_request" : { active: false }
        )
        yield* post("/auth/revoke", { token }, shown)
      }
      expect(yield* post("/auth/introspect", { client_id: client, token: access_token })).toMatchObject({
        status: 401,
        body: { error: "invalid_client" }
      })
      expect(yield* who(access_token)).toBe(200)
    })
  )

  it.effect("that runs in a browser reaches what it needs from any origin, without cookies", () =>
    Effect.gen(function* () {
      const { request } = yield* world()
      const origin = "https://inspector.example"
      for (const [method, path] of [
        ["GET", "/.well-known/oauth-authorization-server"],
        ["GET", "/.well-known/openid-configuration"],
        ["GET", "/.well-known/oauth-protected-resource"],
        ["GET", "/.well-known/oauth-protected-resource/mcp"],
        ["GET", "/.well-known/jwks.json"],
        ["POST", "/auth/register"],
        ["POST", "/auth/token"],
        ["POST", "/auth/revoke"],
        ["POST", "/auth/introspect"],
        ["POST", "/auth/device"],
        ["GET", "/auth/userinfo"]
      ] as const) {
        const asked = {
          origin,
          "access-control-request-method": method,
          "access-control-request-headers": "content-type, mcp-protocol-version"
        }
        const preflight = yield* request(path, { method: "OPTIONS", headers: asked })
        expect([path, preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([path, 204, "*"])
        expect(preflight.headers["access-control-allow-headers"]).toContain("mcp-protocol-version")
        const answer = yield* request(path, { method, headers: { origin } })
        expect([path, answer.headers["access-control-allow-origin"]]).toEqual([path, "*"])
        expect(answer.headers["access-control-allow-credentials"]).toBeUndefined()
      }
      const login = yield* request("/auth/login", { method: "POST", json: {}, headers: { origin } })
      expect([login.status, login.headers["access-control-allow-origin"]]).toEqual([403, undefined])
    })
  )
})
