import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { start } from "./support/start.ts"

const password = "violet otter runs"
const route = "/gateway/v1/internal/auth/administrators"

describe("an administrator", () => {
  it.effect("is made by an operator, and is one; the one-time link is worth nothing afterwards", () =>
    Effect.gen(function* () {
      const app = yield* start
      const code = yield* app.code
      const token = app.operatorToken()
      const made = yield* app.request(route, { json: { name: "ada", password }, token })
      expect(made.status).toBe(201)
      expect(made.json).toMatchObject({ identity: { path: "/identities/ada" } })
      const login = yield* app.request("/auth/login", { json: { identity: "ada", password } })
      const { accessToken } = login.json as { accessToken: string }
      expect((yield* app.request("/gateway/v1/internal/who", { token: accessToken })).json).toMatchObject({
        caller: { kind: "User", operator: true }
      })
      expect(yield* app.status("/auth/setup", { json: { code } })).toBe(401)
      expect(yield* app.code).toBeUndefined()
      const audited = yield* app.rows("SELECT event FROM auth_audit WHERE actor IS NOT NULL")
      expect(audited).toEqual([{ event: "administrator.created" }])
    })
  )

  it.effect("is made by nobody else, never in somebody's place, and never with a weak password or an odd name", () =>
    Effect.gen(function* () {
      const app = yield* start
      const token = app.operatorToken()
      const ada = yield* app.user("ada")
      const create = (json: Record<string, unknown>, as = token) => app.status(route, { json, token: as })
      expect(yield* create({ name: "eve", password }, ada.key)).toBe(403)
      expect(yield* create({ name: "admin", password })).toBe(201)
      expect(yield* create({ name: "admin", password })).toBe(409)
      expect(yield* create({ name: "ada", password })).toBe(409)
      expect(yield* create({ name: "operators", password })).toBe(409)
      for (const weak of ["", "password1234", "x".repeat(2_000)]) {
        expect(yield* create({ name: "eve", password: weak })).toBe(400)
      }
      for (const name of ["", "a/b", "..", "\u0000", "x".repeat(300)])
        expect(yield* create({ name, password })).toBe(400)
      expect(yield* app.status("/auth/login", { json: { identity: "ada", password } })).toBe(401)
    })
  )

  it.effect("lets a User in again, whose sessions and tokens end", () =>
    Effect.gen(function* () {
      const app = yield* start
      const token = app.operatorToken()
      const ada = yield* app.user("ada")
      yield* app.auth.setPassword(ada.id, "what was it again")
      const before = yield* app.auth.issueAccessToken(ada.id)
      const reset = (json: Record<string, unknown>, as = token) => app.status(`${route}/reset`, { json, token: as })
      expect(yield* reset({ identity: "ada", password }, ada.key)).toBe(403)
      expect(yield* reset({ identity: "nobody", password })).toBe(404)
      expect(yield* reset({ identity: "operator", password })).toBe(404)
      expect(yield* reset({ identity: "ada", password })).toBe(200)
      expect(yield* app.status("/who", { token: before.token })).toBe(401)
      expect(yield* app.status("/auth/login", { json: { identity: "ada", password: "what was it again" } })).toBe(401)
      expect(yield* app.status("/auth/login", { json: { identity: "ada", password } })).toBe(200)
    })
  )
})
