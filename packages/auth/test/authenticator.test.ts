import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { start } from "./support/start.ts"

const internal = "/gateway/v1/internal/who"

describe("a request", () => {
  it.effect("with an API key is its identity's", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { id, key, keyId } = yield* app.user("ada")
      const answer = yield* app.request("/who", { token: key })
      expect(answer.json).toEqual({
        caller: { id, kind: "User", name: "ada", operator: false, credential: { kind: "api-key", id: keyId } }
      })
    })
  )

  it.effect("with an access token is its identity's until the token expires", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { id } = yield* app.user("ada")
      const { expiresAt, token } = yield* app.auth.issueAccessToken(id)
      for (let round = 0; round < 2; round++) {
        const answer = yield* app.request("/who", { token })
        expect(answer.json).toMatchObject({ caller: { id, credential: { kind: "access-token", expiresAt } } })
      }
      yield* TestClock.setTime(expiresAt + 61_000)
      expect(yield* app.status("/who", { token })).toBe(401)
    })
  )

  it.effect("without a credential is nobody's: let in where auth is optional, refused where it is required", () =>
    Effect.gen(function* () {
      const app = yield* start
      expect((yield* app.request("/who/optional")).json).toEqual({ caller: null })
      const refused = yield* app.request("/who")
      expect(refused.status).toBe(401)
      expect(refused.headers["www-authenticate"]).toBe(
        `Bearer resource_metadata="http://localhost/.well-known/oauth-protected-resource"`
      )
    })
  )

  it.effect("with a bad credential is refused also where auth is optional, and changes nothing", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { key } = yield* app.user("ada")
      const digest = Effect.map(
        Effect.forEach(["auth_api_keys", "auth_passwords", "auth_state"], (table) =>
          app.rows(`SELECT * FROM ${table}`)
        ),
        (tables) => JSON.stringify(tables)
      )
      const before = yield* digest
      const last = key.endsWith("A") ? "B" : "A"
      for (const authorization of [
        "Bearer",
        "Bearer ",
        "Bearer x",
        `Bearer ${key.slice(0, -1)}${last}`,
        `Bearer ${key} ${key}`,
        `Bearer ${key.toUpperCase()}`,
        "Bearer portico_' OR 1=1--",
        `Bearer portico_${"0".repeat(20)}_${"A".repeat(43)}`,
        `Bearer ${"a".repeat(5_000)}`,
        "Bearer a.b.c",
        `Basic ${Buffer.from(`admin:${key}`).toString("base64")}`,
        `DPoP ${key}`,
        key
      ]) {
        const answer = yield* app.request("/who/optional", { headers: { authorization } })
        expect([authorization.slice(0, 30), answer.status]).toEqual([authorization.slice(0, 30), 401])
        expect(answer.json).toMatchObject({ error: { code: "UNAUTHENTICATED" } })
        expect(answer.headers["www-authenticate"]).toMatch(/^Bearer error="invalid_(token|request)"$/)
      }
      expect(yield* digest).toBe(before)
    })
  )

  it.effect("may spell the scheme as it likes", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { key } = yield* app.user("ada")
      for (const scheme of ["Bearer", "bearer", "BEARER"]) {
        expect(yield* app.status("/who", { headers: { authorization: `${scheme} ${key}` } })).toBe(200)
      }
    })
  )

  it.effect("is refused from the moment its key is revoked, however often the key was believed before", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { id, key, keyId } = yield* app.user("ada")
      expect(yield* app.status("/who", { token: key })).toBe(200)
      yield* app.auth.apiKeys.revoke(id, keyId)
      expect(yield* app.status("/who", { token: key })).toBe(401)
    })
  )

  it.effect("is refused from the moment its identity is deleted", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { id, key, path } = yield* app.user("ada")
      const { token } = yield* app.auth.issueAccessToken(id)
      for (const credential of [key, token]) expect(yield* app.status("/who", { token: credential })).toBe(200)
      yield* app.call(`${path}::delete`)
      for (const credential of [key, token]) expect(yield* app.status("/who", { token: credential })).toBe(401)
    })
  )

  it.effect("is refused from the moment its key expires", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { id } = yield* app.user("ada")
      const { expiresAt, key } = yield* app.auth.apiKeys.create(id, { name: "short", expiresIn: 60 })
      expect(yield* app.status("/who", { token: key })).toBe(200)
      yield* TestClock.setTime(Number(expiresAt))
      expect(yield* app.status("/who", { token: key })).toBe(401)
    })
  )

  it.effect("reaches internal routes while its identity is a member of the operators, through groups too", () =>
    Effect.gen(function* () {
      const app = yield* start
      const ada = yield* app.user("ada")
      yield* app.call(K.Node.createNode.path, { class: K.Group.ref, path: "/identities/staff" })
      yield* app.call("/identities/staff::addMember", { member: ada.path })
      expect(yield* app.status(internal, { token: ada.key })).toBe(403)
      yield* app.call("/identities/operators::addMember", { member: "/identities/staff" })
      expect(yield* app.status(internal, { token: ada.key })).toBe(200)
      yield* app.call("/identities/staff::removeMember", { member: ada.path })
      expect(yield* app.status(internal, { token: ada.key })).toBe(403)
      expect(yield* app.status(internal)).toBe(401)
    })
  )

  it.effect("with a credential in the query string is refused", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { key } = yield* app.user("ada")
      expect(yield* app.status(`/who/optional?access_token=${key}`)).toBe(400)
    })
  )
})

describe("refusals", () => {
  it.effect("are in the audit log with their reason, counted rather than repeated", () =>
    Effect.gen(function* () {
      const app = yield* start
      const refusals = app.rows("SELECT event, details FROM auth_audit WHERE event = 'credential.refused'")
      for (let round = 0; round < 50; round++) yield* app.status("/who", { token: "a.b.c" })
      expect(yield* refusals).toHaveLength(1)
      yield* TestClock.adjust("2 minutes")
      yield* app.status("/who", { token: "portico_x" })
      expect((yield* refusals).map(({ details }) => JSON.parse(String(details)))).toEqual([
        { reason: expect.any(String) },
        { reason: "malformed", unwrittenBefore: 49 }
      ])
    })
  )
})
