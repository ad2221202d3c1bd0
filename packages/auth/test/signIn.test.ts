import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { start } from "./support/start.ts"

const password = "correct horse battery"

const withAda = Effect.gen(function* () {
  const app = yield* start
  const ada = yield* app.user("ada")
  yield* app.auth.setPassword(ada.id, password)
  const login = (identity: string, attempt: string) =>
    app.request("/auth/login", { json: { identity, password: attempt } })
  return { app, ada, login }
})

describe("signing in with a password", () => {
  it.effect("gives an access token, by name, path or id", () =>
    Effect.gen(function* () {
      const { ada, app, login } = yield* withAda
      for (const identity of ["ada", "/identities/ada", `@${ada.id}`]) {
        const answer = yield* login(identity, password)
        expect(answer.json).toMatchObject({ identity: { id: ada.id, path: ada.path }, tokenType: "Bearer" })
        const { accessToken } = answer.json as { readonly accessToken: string }
        expect((yield* app.request("/who", { token: accessToken })).json).toMatchObject({ caller: { id: ada.id } })
      }
    })
  )

  it.effect("is refused alike for a wrong password, an unknown identity, and one without a password", () =>
    Effect.gen(function* () {
      const { app, login } = yield* withAda
      yield* app.user("bob")
      const bodies = new Set<string>()
      for (const [identity, attempt] of [
        ["ada", "wrong horse battery"],
        ["nobody", password],
        ["bob", password],
        ["bob", ""],
        ["/identities/operators", password],
        ["../ada", password],
        ["' OR 1=1--", password],
        ["@x", password],
        ["", password]
      ] as const) {
        const answer = yield* login(identity, attempt)
        expect(answer.status).toBe(401)
        const { code, message } = (answer.json as { readonly error: Record<string, string> }).error
        bodies.add(`${code} ${message}`)
      }
      expect(bodies.size).toBe(1)
    })
  )

  it.effect("has to wait after too many wrong tries, even with the right password, and can go on after that", () =>
    Effect.gen(function* () {
      const { login } = yield* withAda
      for (let round = 0; round < 6; round++) yield* login("ada", "wrong horse battery")
      const waiting = yield* login("ada", password)
      expect(waiting.status).toBe(429)
      expect(waiting.headers["retry-after"]).toBe("1")
      yield* TestClock.adjust("1 second")
      expect((yield* login("ada", password)).status).toBe(200)
    })
  )

  it.effect("waits longer the more goes wrong, whether the identity exists or not", () =>
    Effect.gen(function* () {
      const { login } = yield* withAda
      for (const identity of ["ada", "nobody"]) {
        const waits: Array<string | undefined> = []
        for (let round = 0; round < 9; round++) {
          const answer = yield* login(identity, "wrong horse battery")
          if (answer.status === 401) continue
          waits.push(answer.headers["retry-after"])
          yield* TestClock.adjust(`${Number(answer.headers["retry-after"])} seconds`)
          yield* login(identity, "wrong horse battery")
        }
        expect(waits).toEqual(["1", "2", "4"])
      }
    })
  )

  it.effect("is in the audit log, whether it went well or not", () =>
    Effect.gen(function* () {
      const { ada, app, login } = yield* withAda
      yield* login("ada", "wrong horse battery")
      yield* login("ada", password)
      const rows = yield* app.rows("SELECT event, identity FROM auth_audit WHERE event LIKE 'sign-in%' ORDER BY id")
      expect(rows).toEqual([
        { event: "sign-in.refused", identity: ada.id },
        { event: "sign-in", identity: ada.id }
      ])
    })
  )

  it.effect("needs a well-formed request", () =>
    Effect.gen(function* () {
      const { app } = yield* withAda
      for (const json of [
        {},
        { identity: "ada" },
        { identity: 1, password },
        { identity: "a".repeat(2_000), password }
      ]) {
        const answer = yield* app.request("/auth/login", { json })
        expect(answer.status).toBe(400)
        expect(answer.text).not.toContain(password)
      }
      expect(
        yield* app.status("/auth/login", { method: "POST", body: "{", headers: { "content-type": "application/json" } })
      ).toBe(400)
    })
  )
})

describe("one's own password", () => {
  it.effect("is set once signed in, and changed by who knows the one before", () =>
    Effect.gen(function* () {
      const { app, login } = yield* withAda
      const bob = yield* app.user("bob")
      const set = (json: unknown) => app.status("/auth/password", { token: bob.key, json })
      expect(yield* app.status("/auth/password", { json: { password } })).toBe(401)
      expect(yield* set({ password: "short" })).toBe(400)
      expect(yield* set({ password })).toBe(204)
      expect(yield* set({ password: "another password" })).toBe(401)
      expect(yield* set({ password: "another password", current: "wrong horse battery" })).toBe(401)
      expect(yield* set({ password: "another password", current: password })).toBe(204)
      expect((yield* login("bob", password)).status).toBe(401)
      expect((yield* login("bob", "another password")).status).toBe(200)
    })
  )
})
