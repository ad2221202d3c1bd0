import { expect, it } from "@effect/vitest"
import { describeWithPostgres, freshDatabase } from "@portico/test-support/postgres"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startIn } from "./support/start.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"

/** Two processes on one database, which have their keys in one folder. */
const two = Effect.fnUntraced(function* (config: Readonly<Record<string, unknown>> = {}) {
  const folder = yield* temporaryFolder
  const { url } = yield* Effect.acquireRelease(
    Effect.promise(() => freshDatabase()),
    ({ drop }) => Effect.promise(drop)
  )
  const world = { folder, database: { "database.url": url } }
  return [yield* startIn(world, config), yield* startIn(world, config)] as const
})

describeWithPostgres("credentials that one process ended", () => {
  it.effect("are refused by the others from the next request on", () =>
    Effect.gen(function* () {
      const [a, b] = yield* two()
      const { id, key, keyId } = yield* a.user("ada")
      const { token } = yield* a.auth.issueAccessToken(id)
      for (const app of [a, b]) {
        expect(yield* app.status("/who", { token: key })).toBe(200)
        expect(yield* app.status("/who", { token })).toBe(200)
      }
      yield* b.auth.apiKeys.revoke(id, keyId)
      expect(yield* a.status("/who", { token: key })).toBe(401)
      yield* b.auth.signOutEverywhere(id)
      expect(yield* a.status("/who", { token })).toBe(401)
      const again = yield* a.auth.issueAccessToken(id)
      expect(yield* b.status("/who", { token: again.token })).toBe(200)
      yield* a.call("/identities/ada::delete")
      expect(yield* b.status("/who", { token: again.token })).toBe(401)
    })
  )
})

describeWithPostgres("the one-time links that processes print", () => {
  it.effect("are taken by any of them, and only one is ever used", () =>
    Effect.gen(function* () {
      const [a, b] = yield* two()
      const [ended, ofA, ofB] = [yield* a.code, yield* a.code, yield* b.code]
      const redeem = (app: typeof a, code: string | undefined) => app.status("/auth/setup", { json: { code } })
      expect(yield* redeem(b, ended)).toBe(401)
      const tries = [redeem(b, ofA), redeem(a, ofB), redeem(a, ofA), redeem(b, ofB)]
      expect((yield* Effect.all(tries, { concurrency: "unbounded" })).sort()).toEqual([201, 401, 401, 401])
      for (const code of [ofA, ofB]) expect([yield* redeem(a, code), yield* redeem(b, code)]).toEqual([401, 401])
      expect([yield* a.code, yield* b.code]).toEqual([undefined, undefined])
      expect(yield* a.rows("SELECT name FROM auth_state WHERE name = 'setup.turn'")).toEqual([])
    })
  )
})

describeWithPostgres("limits", () => {
  it.effect("are counted by all processes together, and so are failures", () =>
    Effect.gen(function* () {
      const [a, b] = yield* two({ "auth.callsPerIdentity": 10 })
      const { id, key } = yield* a.user("ada")
      yield* a.auth.setPassword(id, "correct horse battery")
      const calls = yield* Effect.forEach([a, b, a, b, a, b, a, b, a, b, a, b], (app) =>
        app.status("/who", { token: key })
      )
      expect(calls).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429])
      const login = (app: typeof a, password: string) =>
        app.request("/auth/login", { json: { identity: "ada", password } })
      const tries = yield* Effect.forEach([a, b, a, b, a, b], (app) => login(app, "wrong horse battery"))
      expect(tries.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401])
      for (const app of [a, b]) {
        const waiting = yield* login(app, "correct horse battery")
        expect(waiting).toMatchObject({ status: 429, headers: { "retry-after": "1" } })
      }
      yield* TestClock.adjust("1 second")
      expect((yield* login(b, "wrong horse battery")).status).toBe(401)
      expect((yield* login(a, "correct horse battery")).headers["retry-after"]).toBe("2")
      yield* TestClock.adjust("2 seconds")
      // After a success nothing before it counts.
      expect((yield* login(a, "correct horse battery")).status).toBe(200)
      expect((yield* login(b, "wrong horse battery")).status).toBe(401)
      expect((yield* login(a, "correct horse battery")).status).toBe(200)
    })
  )
})
