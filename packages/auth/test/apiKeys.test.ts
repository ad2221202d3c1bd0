import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { start } from "./support/start.ts"

interface Key {
  readonly id: string
  readonly key: string
}

describe("API keys", () => {
  it.effect("are made, shown once, listed without their secret, and revoked, by their identity", () =>
    Effect.gen(function* () {
      const app = yield* start
      const ada = yield* app.user("ada")
      const made = yield* app.request("/auth/keys", { token: ada.key, json: { name: "laptop", expiresIn: 3_600 } })
      expect(made.status).toBe(201)
      expect(made.headers["cache-control"]).toBe("no-store")
      const { id, key } = made.json as Key
      expect(made.json).toEqual({ id, key, name: "laptop", createdAt: 0, expiresAt: 3_600_000 })
      expect(yield* app.status("/who", { token: key })).toBe(200)

      const list = yield* app.request("/auth/keys", { token: key })
      expect(list.json).toMatchObject({
        keys: expect.arrayContaining([{ id, name: "laptop", createdAt: 0, expiresAt: 3_600_000 }])
      })
      expect(list.text).not.toContain(key)

      expect(yield* app.status(`/auth/keys/${id}`, { method: "DELETE", token: ada.key })).toBe(204)
      expect(yield* app.status("/who", { token: key })).toBe(401)
      expect(yield* app.status(`/auth/keys/${id}`, { method: "DELETE", token: ada.key })).toBe(404)
    })
  )

  it.effect("of others are neither listed nor revoked", () =>
    Effect.gen(function* () {
      const app = yield* start
      const ada = yield* app.user("ada")
      const bob = yield* app.user("bob")
      const list = yield* app.request("/auth/keys", { token: bob.key })
      expect(list.text).toContain(bob.keyId)
      expect(list.text).not.toContain(ada.keyId)
      expect(yield* app.status(`/auth/keys/${ada.keyId}`, { method: "DELETE", token: bob.key })).toBe(404)
      expect(yield* app.status("/who", { token: ada.key })).toBe(200)
    })
  )

  it.effect("are made for somebody else by who holds every bit on Root, and by nobody with less", () =>
    Effect.gen(function* () {
      const app = yield* start
      const ada = yield* app.user("ada")
      const bob = yield* app.user("bob")
      const ask = (token: string, identity: string) =>
        app.request("/auth/keys", { token, json: { name: "handed out", identity } })
      const operator = app.operatorToken()
      const made = yield* ask(operator, bob.path)
      expect(made.status).toBe(201)
      const who = yield* app.request("/who", { token: (made.json as Key).key })
      expect(who.text).toContain(bob.id)
      expect((yield* ask(ada.key, `@${ada.id}`)).status).toBe(201)
      expect((yield* ask(ada.key, bob.path)).status).toBe(404)
      expect((yield* ask(operator, "/identities/everyone")).status).toBe(400)
      expect((yield* ask(operator, "/identities/nobody")).status).toBe(404)
      yield* app.call(`${ada.path}::grantPerm`, { node: "/", perms: ["READ", "EDIT", "USE"] })
      expect((yield* ask(ada.key, bob.path)).status).toBe(403)
    })
  )

  it.effect("that expired are no longer listed, and do not count against the limit", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { id } = yield* app.user("ada")
      const create = app.auth.apiKeys.create(id, { name: "k", expiresIn: 60 })
      yield* Effect.forEach(Array.from({ length: 99 }), () => create, { discard: true })
      const error = yield* Effect.flip(create)
      expect(error).toMatchObject({ code: "LIMIT_EXCEEDED", details: { limit: "api-keys" } })
      yield* TestClock.adjust("1 minute")
      yield* create
      expect(yield* app.auth.apiKeys.list(id)).toHaveLength(2)
    })
  )

  it.effect("need a name, and a time to live that is a time to live", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { key } = yield* app.user("ada")
      for (const json of [
        {},
        { name: "" },
        { name: "x".repeat(201) },
        { name: "k", expiresIn: 0 },
        { name: "k", expiresIn: -1 },
        { name: "k", expiresIn: 1.5 },
        { name: "k", expiresIn: 1e308 },
        { name: "k", expiresIn: "1h" }
      ]) {
        expect(yield* app.status("/auth/keys", { token: key, json })).toBe(400)
      }
      expect(yield* app.status("/auth/keys", { json: { name: "k" } })).toBe(401)
    })
  )

  it.effect("are in the audit log when they are made and revoked", () =>
    Effect.gen(function* () {
      const app = yield* start
      const ada = yield* app.user("ada")
      const made = yield* app.request("/auth/keys", { token: ada.key, json: { name: "laptop" } })
      const { id } = made.json as Key
      yield* app.request(`/auth/keys/${id}`, { method: "DELETE", token: ada.key })
      const rows = yield* app.rows(
        "SELECT event, identity, details FROM auth_audit WHERE event LIKE 'api-key%' ORDER BY id"
      )
      expect(rows.map(({ event, identity }) => [event, identity])).toEqual([
        ["api-key.created", ada.id],
        ["api-key.revoked", ada.id]
      ])
      expect(rows.every(({ details }) => String(details).includes(id))).toBe(true)
    })
  )
})
