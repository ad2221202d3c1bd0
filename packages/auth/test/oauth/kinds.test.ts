import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { decodeProtectedHeader } from "jose"
import { basic, world } from "./world.ts"

describe("abuse 9: a token of another kind", () => {
  it.effect("opens no route, whatever it is and however it is shown", () =>
    Effect.gen(function* () {
      const { ada, code, exchange, operatorToken, post, register, signIn, status } = yield* world()
      const got = yield* code({ scope: "openid profile read" })
      const { access_token = "", id_token = "", refresh_token = "" } = (yield* exchange(got)).body
      expect(decodeProtectedHeader(id_token)).toMatchObject({ typ: "id+jwt", alg: "EdDSA" })
      expect(decodeProtectedHeader(access_token)).toMatchObject({ typ: "at+jwt" })
      const client = yield* register({ token_endpoint_auth_method: "client_secret_basic" })
      const { body: device } = yield* post("/auth/device", { client_id: "portico-cli" })
      const session = (yield* signIn).split("=")[1] ?? ""
      for (const token of [
        id_token,
        refresh_token,
        got.code,
        client.body.client_secret ?? "",
        device.device_code ?? "",
        session
      ]) {
        expect(token).not.toBe("")
        for (const path of ["/who", "/who/optional", "/gateway/v1/internal/who", "/auth/userinfo"]) {
          expect([token.slice(0, 20), path, yield* status(path, { token })]).toEqual([token.slice(0, 20), path, 401])
        }
        const dpop = { headers: { authorization: `DPoP ${token}` } }
        expect(yield* status("/who", dpop)).toBe(401)
        const cookie = { headers: { cookie: `portico_session=${token}` } }
        expect(yield* status("/who", cookie)).toBe(token === session ? 200 : 401)
      }
      expect(yield* status("/who", { token: access_token })).toBe(200)
      expect(yield* status("/who", { token: ada.key })).toBe(200)
      expect(yield* status("/gateway/v1/internal/who", { token: operatorToken() })).toBe(200)
    })
  )

  it.effect("is exchanged for nothing", () =>
    Effect.gen(function* () {
      const { ada, code, exchange, post, register, request, who } = yield* world()
      const first = yield* register({
        token_endpoint_auth_method: "client_secret_basic",
        grant_types: ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"]
      })
      const shown = basic(first.body.client_id ?? "", first.body.client_secret ?? "")
      const got = yield* exchange(yield* code({ scope: "openid read" }))
      const { access_token = "", id_token = "", refresh_token = "" } = got.body
      const minted = yield* request("/api/call", {
        token: ada.key,
        json: { path: `${ada.path}::mintDelegationCredential`, params: { ttl: 60 } }
      })
      const { credential } = (minted.json as { readonly result: { readonly credential: string } }).result
      const swap = (subject_token: string, change = {}) =>
        post(
          "/auth/token",
          {
            grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
            subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
            subject_token,
            ...change
          },
          shown
        )
      for (const token of [id_token, refresh_token, credential, ada.key, "x"]) {
        expect(yield* swap(token)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
      }
      const asId = { subject_token_type: "urn:ietf:params:oauth:token-type:id_token" }
      expect(yield* swap(id_token, asId)).toMatchObject({ status: 400, body: { error: "invalid_request" } })
      expect(yield* swap(access_token, { audience: "https://evil.example" })).toMatchObject({
        body: { error: "invalid_target" }
      })
      // What there is of it is narrower at most, and ends with what it came of.
      const narrow = yield* swap(access_token, { scope: "read edit share" })
      expect(narrow.body.scope).toBe("read")
      expect(yield* who(narrow.body.access_token)).toBe(200)
    })
  )
})
