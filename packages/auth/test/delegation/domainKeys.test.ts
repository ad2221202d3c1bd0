import { describe, expect, it } from "@effect/vitest"
import { SchemaInstaller } from "@portico/kernel"
import { defineSchema } from "@portico/schema"
import { Effect } from "effect"
import { makeKey, world } from "./world.ts"

const get = "/projects::get"
const all = ["READ", "EDIT", "USE", "SHARE"]

const setup = Effect.gen(function* () {
  const app = yield* world
  const installer = yield* app.get(SchemaInstaller)
  const install = (origin: string) => {
    const { contract, contractId } = defineSchema(origin, {})
    return installer.install({
      contract,
      contractId,
      requires: [],
      owns: [],
      acts: null,
      grants: {},
      postInstall: null
    })
  }
  const domain = (origin: string) =>
    Effect.map(Effect.orDie(app.call(`/${origin}::get`)), ({ id }) => ({ id, path: `/${origin}`, origin }))
  yield* install("a.example.dev")
  yield* install("b.example.dev")
  const [a, b] = [yield* domain("a.example.dev"), yield* domain("b.example.dev")]
  const register = (token: string, path: string, publicKey: unknown, proof: string) =>
    app.send(token, `${path}::registerIdentity`, { signingKey: { publicKey, proof } })
  const keysOf = (path: string) =>
    Effect.map(app.request(`/auth/identity-keys?identity=${path}`, { token: app.operatorToken() }), ({ json }) => json)
  const takeBack = (token: string, path: string, jkt: string) =>
    Effect.map(
      app.request(`/auth/identity-keys/${jkt}?identity=${path}`, { method: "DELETE", token }),
      ({ status }) => status
    )
  return { ...app, a, b, domain, install, installer, register, keysOf, takeBack }
})

describe("the key of a domain", () => {
  it.effect("is for its origin alone: what was delegated to one domain is not shown by another (abuse 13)", () =>
    Effect.gen(function* () {
      const { a, ada, b, grant, keysOf, minted, operatorToken, register, status } = yield* setup
      const [keyA, keyB] = [yield* makeKey, yield* makeKey]
      const token = operatorToken()
      expect((yield* register(token, a.path, keyA.jwk, yield* keyA.prove(a.id))).status).toBe(200)
      expect((yield* register(token, b.path, keyB.jwk, yield* keyB.prove(b.id))).status).toBe(200)
      // The key of A under the name of B: by what A has signed, and by what it would have to sign.
      expect((yield* register(token, b.path, keyA.jwk, yield* keyA.prove(a.id))).status).toBe(400)
      expect((yield* register(token, b.path, keyA.jwk, yield* keyA.prove(b.id))).code).toBe("CONSTRAINT_VIOLATED")
      expect(yield* keysOf(b.path)).toMatchObject({ keys: [{ jkt: keyB.jkt }] })
      for (const { path } of [a, b]) yield* grant(ada.path, path, ["READ"])
      const forB = yield* minted(ada.key, ada.path, { audience: b.path, ttl: 60 })
      expect(yield* status("", get, {}, yield* keyA.shown(forB.credential))).toBe(401)
      expect(yield* status(forB.credential, get)).toBe(401)
      expect(yield* status("", get, {}, yield* keyB.shown(forB.credential))).toBe(200)
    })
  )

  it.effect("stays the one it is, until who holds every bit takes it back, on record (abuse 13)", () =>
    Effect.gen(function* () {
      const { a, ada, auth, keysOf, operatorToken, register, rows, takeBack } = yield* setup
      const [first, second] = [yield* makeKey, yield* makeKey]
      const token = operatorToken()
      const pinned = rows("SELECT * FROM auth_identity_keys ORDER BY jkt")
      expect((yield* register(token, a.path, first.jwk, yield* first.prove(a.id))).status).toBe(200)
      const before = yield* pinned
      const changed = yield* register(token, a.path, second.jwk, yield* second.prove(a.id))
      expect(changed).toMatchObject({
        status: 409,
        code: "KEY_CHANGED",
        details: { origin: a.origin, pinned: first.jkt }
      })
      expect(yield* pinned).toEqual(before)
      expect(yield* takeBack(ada.key, a.path, first.jkt)).toBe(403)
      expect(yield* takeBack(token, a.path, first.jkt)).toBe(204)
      expect((yield* register(token, a.path, second.jwk, yield* second.prove(a.id))).status).toBe(200)
      expect(yield* keysOf(a.path)).toMatchObject({ keys: [{ jkt: second.jkt }] })
      const lines = yield* auth.audited({ event: "identity-key", identity: a.id, limit: 10 })
      expect(lines.map(({ details, event }) => [event, details])).toEqual([
        ["identity-key.registered", { jkt: second.jkt }],
        ["identity-key.removed", { jkt: first.jkt }],
        ["identity-key.registered", { jkt: first.jkt }]
      ])
      for (const { actor, through } of lines) {
        expect([typeof actor, through?.kind]).toEqual(["string", "operator-token"])
      }
    })
  )

  it.effect(
    "outlives its node: after uninstalling, the origin has the same key, until it is taken back (abuse 13)",
    () =>
      Effect.gen(function* () {
        const { a, ada, domain, grant, install, installer, keysOf, mint, operatorToken, register, takeBack } =
          yield* setup
        const [first, second] = [yield* makeKey, yield* makeKey]
        yield* register(operatorToken(), a.path, first.jwk, yield* first.prove(a.id))
        yield* installer.uninstall(a.origin)
        yield* install(a.origin)
        const again = yield* domain(a.origin)
        expect(again.id).not.toBe(a.id)
        expect(yield* keysOf(a.path)).toMatchObject({ keys: [{ jkt: first.jkt }] })
        // What it proved was about a node that is gone.
        yield* grant(ada.path, a.path, ["READ"])
        expect((yield* mint(ada.key, ada.path, { audience: a.path, ttl: 60 })).code).toBe("INVALID_PARAMS")
        const other = yield* register(operatorToken(), a.path, second.jwk, yield* second.prove(again.id))
        expect(other.code).toBe("KEY_CHANGED")
        expect((yield* register(operatorToken(), a.path, first.jwk, yield* first.prove(again.id))).status).toBe(200)
        expect((yield* mint(ada.key, ada.path, { audience: a.path, ttl: 60 })).status).toBe(200)
        // Whoever has lost the key is not shut out for good.
        yield* installer.uninstall(a.origin)
        yield* install(a.origin)
        const last = yield* domain(a.origin)
        expect(yield* takeBack(operatorToken(), a.path, first.jkt)).toBe(204)
        expect((yield* register(operatorToken(), a.path, second.jwk, yield* second.prove(last.id))).status).toBe(200)
        expect(yield* keysOf(a.path)).toMatchObject({ keys: [{ jkt: second.jkt }] })
      })
  )

  it.effect("is one, also where two are registered at once", () =>
    Effect.gen(function* () {
      const { a, operatorToken, register, rows } = yield* setup
      const keys = yield* Effect.all([makeKey, makeKey, makeKey])
      const tries = keys.map((key) =>
        Effect.flatMap(key.prove(a.id), (proof) => register(operatorToken(), a.path, key.jwk, proof))
      )
      const answers = yield* Effect.all(tries, { concurrency: "unbounded" })
      expect(answers.map(({ code }) => code ?? "").sort()).toEqual(["", "KEY_CHANGED", "KEY_CHANGED"])
      expect(yield* rows("SELECT jkt FROM auth_identity_keys")).toHaveLength(1)
    })
  )

  it.effect("is told by who holds every bit on /, with a credential that nothing narrows", () =>
    Effect.gen(function* () {
      const { a, ada, grant, minted, operatorToken, register } = yield* setup
      const key = yield* makeKey
      const proof = yield* key.prove(a.id)
      yield* grant(ada.path, a.path, all)
      expect((yield* register(ada.key, a.path, key.jwk, proof)).code).toBe("PERMISSION_DENIED")
      const { credential } = yield* minted(operatorToken(), "/identities/operator", { ttl: 60 })
      expect((yield* register(credential, a.path, key.jwk, proof)).code).toBe("PERMISSION_DENIED")
    })
  )
})
