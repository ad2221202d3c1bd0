import { describe, expect, it } from "@effect/vitest"
import { SchemaInstaller } from "@portico/kernel"
import { defineSchema, K } from "@portico/schema"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { world as delegations } from "../delegation/world.ts"

const { contract, contractId } = defineSchema("board.example.dev", {
  views: { board: { auth: "public" }, mine: { auth: "required" } }
})

const view = "/:board.example.dev:view.board"

/** A public view that may read the projects, and how its token is asked for and shown. */
const setup = Effect.gen(function* () {
  const app = yield* delegations
  const installer = yield* app.get(SchemaInstaller)
  yield* installer.install({ contract, contractId, requires: [], owns: [], acts: null, grants: {}, postInstall: null })
  const { id } = yield* app.call(`${view}::get`)
  yield* app.grant(`@${id}`, "/projects", ["READ", "EDIT", "USE"])
  const ask = (token: string, json: Readonly<Record<string, unknown>>) =>
    app.request("/auth/view-tokens", { token, json: { view, paths: ["/projects::get"], ...json } })
  const issued = (json: Readonly<Record<string, unknown>> = {}) =>
    Effect.map(ask(app.operatorToken(), json), (answer) => (answer.json as { readonly token: string }).token)
  const get = (token: string, path = "/projects::get", headers: Readonly<Record<string, string>> = {}) =>
    app.status(token, path, {}, { headers })
  return { ...app, id, ask, installer, issued, get }
})

describe("abuse 20: a public view's identity", () => {
  it.effect("does what is listed, as far as its grants go, and is told apart from everybody else", () =>
    Effect.gen(function* () {
      const { get, grant, id, issued, request, revokeGrant } = yield* setup
      const token = yield* issued()
      expect(yield* get(token)).toBe(200)
      const who = yield* request("/who", { token })
      expect(who.json).toMatchObject({
        caller: { id, kind: "View", operator: false, credential: { kind: "view-token" } }
      })
      yield* revokeGrant(`@${id}`, "/projects", ["READ"])
      expect(yield* get(token)).toBe(404)
      yield* grant(`@${id}`, "/", ["READ", "EDIT", "USE", "SHARE"])
      expect(yield* get(token)).toBe(200)
    })
  )

  it.effect("is refused a path that is not listed, and finds no node beyond those that are", () =>
    Effect.gen(function* () {
      const { get, grant, id, issued, send, status } = yield* setup
      yield* grant(`@${id}`, "/", ["READ", "EDIT", "USE", "SHARE"])
      const token = yield* issued({ nodes: ["/projects/apollo"] })
      expect(yield* get(token, "/projects/apollo::get")).toBe(200)
      for (const path of ["/projects/apollo::update", "/projects/apollo::delete", "/projects/apollo::listChildren"]) {
        expect([path, (yield* send(token, path, { props: {} })).code]).toEqual([path, "PERMISSION_DENIED"])
      }
      const whoami = K.Identity.whoami.path
      expect(yield* status(token, whoami)).toBe(403)
      expect(yield* status(token, `@${id}::mintDelegationCredential`, { ttl: 60 })).toBe(403)
      expect(yield* get(token, "/projects::get")).toBe(404)
      expect(yield* get(token, "/secrets::get")).toBe(404)
    })
  )

  it.effect("is refused to browsers, and its token is no other kind of credential", () =>
    Effect.gen(function* () {
      const { get, issued, request } = yield* setup
      const token = yield* issued()
      for (const headers of [
        { origin: "http://localhost" },
        { origin: "null" },
        { origin: "https://evil.example" },
        { "sec-fetch-site": "same-origin" },
        { "sec-fetch-site": "cross-site" }
      ]) {
        expect([headers, yield* get(token, undefined, headers)]).toEqual([headers, 403])
      }
      // As a program sends it, and as the command line of Node does.
      expect(yield* get(token, undefined, { "sec-fetch-mode": "cors" })).toBe(200)
      for (const path of ["/auth/keys", "/auth/sessions", "/auth/view-tokens", "/gateway/v1/internal/who"]) {
        const { status } = yield* request(path, { token, ...(path.endsWith("tokens") ? { json: {} } : {}) })
        expect([path, status >= 400 && status < 500]).toEqual([path, true])
      }
      const exchange = yield* request("/auth/token", {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
          client_id: "portico-cli",
          subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
          subject_token: token
        })
      })
      expect(exchange.status).toBe(400)
    })
  )

  it.effect("ends with its token, its view and its key, and what is forged of it counts for nothing", () =>
    Effect.gen(function* () {
      const { ask, get, installer, issued, operatorToken, request } = yield* setup
      const token = yield* issued({ ttl: 60 })
      const [head, payload = "", signature] = token.split(".")
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString())
      const wider = Buffer.from(JSON.stringify({ ...claims, bound: { nodes: "all", perms: 15 } })).toString("base64url")
      expect(yield* get([head, wider, signature].join("."))).toBe(401)
      expect(yield* get([head, payload, ""].join("."))).toBe(401)
      yield* TestClock.adjust("60 seconds")
      expect(yield* get(token)).toBe(401)
      // No longer than an access token, whatever is asked for.
      const long = (yield* ask(operatorToken(), { ttl: 86_400 })).json
      expect(long).toMatchObject({ expiresAt: 60_000 + 900_000 })
      const next = yield* issued()
      yield* request("/gateway/v1/internal/auth/signing-keys/rotate", {
        token: operatorToken(),
        json: { atOnce: true }
      })
      expect(yield* get(next)).toBe(401)
      const last = yield* issued()
      expect(yield* get(last)).toBe(200)
      yield* installer.uninstall("board.example.dev")
      expect(yield* get(last)).toBe(401)
    })
  )

  it.effect("is given to whoever has EDIT and SHARE on the view, and for public views alone", () =>
    Effect.gen(function* () {
      const { ada, ask, grant, minted, operatorToken } = yield* setup
      const statusOf = (token: string, json = {}) => Effect.map(ask(token, json), ({ status }) => status)
      expect(yield* statusOf("")).toBe(401)
      expect(yield* statusOf(ada.key)).toBe(403)
      yield* grant(ada.path, view, ["READ", "EDIT", "SHARE"])
      expect(yield* statusOf(ada.key)).toBe(201)
      const narrowed = yield* minted(ada.key, ada.path, { ttl: 600 })
      expect(yield* statusOf(narrowed.credential)).toBe(403)
      for (const wrong of [
        { view: "/:board.example.dev:view.mine" },
        { view: "/projects" },
        { paths: [] },
        { paths: Array.from({ length: 65 }, () => "/projects::get") },
        { ttl: 0 }
      ]) {
        expect([wrong, yield* statusOf(operatorToken(), wrong)]).toEqual([wrong, 400])
      }
      expect(yield* statusOf(operatorToken(), { view: "/:board.example.dev:view.none" })).toBe(404)
      expect(yield* statusOf(operatorToken(), { paths: ["/nowhere::get"] })).toBe(404)
    })
  )
})
