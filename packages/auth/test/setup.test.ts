import { describe, expect, it } from "@effect/vitest"
import { StartNotice } from "@portico/gate"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { newWorld, start, startIn } from "./support/start.ts"

const password = "correct horse battery"

describe("the one-time link", () => {
  it.effect("is printed at start with the code where servers do not see it", () =>
    Effect.gen(function* () {
      const app = yield* start
      const [notice] = app.instance.extensions(StartNotice).current
      const lines = notice === undefined ? [] : yield* notice.value.lines(app.instance.url)
      expect(lines.join("\n")).toMatch(/^ {2}http:\/\/localhost\/auth\/setup#[A-Za-z0-9_-]{43}$/m)
    })
  )

  it.effect("opens a page that needs nothing from elsewhere", () =>
    Effect.gen(function* () {
      const answer = yield* (yield* start).request("/auth/setup")
      expect(answer.status).toBe(200)
      expect(answer.headers["content-type"]).toContain("text/html")
      expect(answer.headers["content-security-policy"]).toContain("script-src 'sha256-")
    })
  )

  it.effect("makes an administrator who is an operator, and answers with a key and a token", () =>
    Effect.gen(function* () {
      const app = yield* start
      const code = yield* app.code
      const answer = yield* app.request("/auth/setup", { json: { code, password } })
      expect(answer.status).toBe(201)
      expect(answer.headers["cache-control"]).toBe("no-store")
      const made = answer.json as Record<string, string>
      expect(made).toMatchObject({ identity: { path: "/identities/admin" }, tokenType: "Bearer" })
      for (const token of [made.apiKey ?? "", made.accessToken ?? ""]) {
        const who = yield* app.request("/gateway/v1/internal/who", { token })
        expect(who.json).toMatchObject({ caller: { kind: "User", name: "Administrator", operator: true } })
      }
      expect(yield* app.status("/auth/login", { json: { identity: "admin", password } })).toBe(200)
    })
  )

  it.effect("works without a password", () =>
    Effect.gen(function* () {
      const app = yield* start
      expect(yield* app.status("/auth/setup", { json: { code: yield* app.code } })).toBe(201)
      expect(yield* app.status("/auth/login", { json: { identity: "admin", password: "" } })).toBe(401)
    })
  )

  it.effect("works once", () =>
    Effect.gen(function* () {
      const world = yield* newWorld
      yield* Effect.scoped(
        Effect.gen(function* () {
          const app = yield* startIn(world)
          const code = yield* app.code
          const tries = Array.from({ length: 5 }, () => app.status("/auth/setup", { json: { code } }))
          const statuses = yield* Effect.all(tries, { concurrency: "unbounded" })
          expect(statuses.sort()).toEqual([201, 401, 401, 401, 401])
          expect(yield* app.status("/auth/setup", { json: { code } })).toBe(401)
          expect(yield* app.code).toBeUndefined()
        })
      )
      expect(yield* (yield* startIn(world)).code).toBeUndefined()
    })
  )

  it.effect("works for an hour", () =>
    Effect.gen(function* () {
      const app = yield* start
      const code = yield* app.code
      yield* TestClock.adjust("60 minutes")
      const answer = yield* app.request("/auth/setup", { json: { code } })
      expect(answer.status).toBe(401)
      expect(answer.json).toMatchObject({ error: { message: expect.stringContaining("once, and for an hour") } })
    })
  )

  it.effect("is ended by the next one", () =>
    Effect.gen(function* () {
      const app = yield* start
      const first = yield* app.code
      const second = yield* app.code
      expect(yield* app.status("/auth/setup", { json: { code: first } })).toBe(401)
      expect(yield* app.status("/auth/setup", { json: { code: second } })).toBe(201)
    })
  )

  it.effect("is not used up by what is refused", () =>
    Effect.gen(function* () {
      const app = yield* start
      const code = yield* app.code
      const refused: ReadonlyArray<readonly [unknown, number]> = [
        [{ code, password: "short" }, 400],
        [{ code, password: 7 }, 400],
        [{ code: `${code}x` }, 401],
        [{ code: "" }, 401],
        [{}, 400],
        [[], 400]
      ]
      for (const [json, status] of refused) expect(yield* app.status("/auth/setup", { json })).toBe(status)
      expect((yield* app.kernel.node("/identities/admin"))._tag).toBe("None")
      expect(yield* app.status("/auth/setup", { json: { code, password } })).toBe(201)
    })
  )

  it.effect("leaves a line in the audit log, and so does a wrong code", () =>
    Effect.gen(function* () {
      const app = yield* start
      yield* app.status("/auth/setup", { json: { code: "wrong" } })
      yield* app.status("/auth/setup", { json: { code: yield* app.code } })
      const rows = yield* app.rows("SELECT event FROM auth_audit ORDER BY id")
      // The grants and memberships of those who are made are on record as well: audit.test.ts looks at them.
      const events = rows.map(({ event }) => String(event)).filter((event) => !/^(permission|member)\./.test(event))
      expect(events).toEqual(["operator-token.written", "setup.refused", "setup"])
    })
  )
})
