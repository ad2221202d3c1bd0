import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { world } from "./oauth/world.ts"

describe("what is forgotten in time", () => {
  it.effect("is a line of the audit log when it was kept for as long as the setting says", () =>
    Effect.gen(function* () {
      const { ada, rows, status, until } = yield* world({ "auth.auditRetention": 7_200 })
      const made = Effect.orDie(rows("SELECT details FROM auth_audit WHERE event = 'api-key.created'"))
      yield* status("/auth/keys", { token: ada.key, json: { name: "old" } })
      yield* TestClock.adjust("90 minutes")
      yield* status("/auth/keys", { token: ada.key, json: { name: "new" } })
      expect(yield* made).toHaveLength(2)
      yield* TestClock.adjust("31 minutes")
      yield* until(Effect.map(made, ({ length }) => length === 1))
      expect(JSON.stringify(yield* made)).toContain("new")
    })
  )

  it.effect("is a client that nobody answers for when it was never used for a day", () =>
    Effect.gen(function* () {
      const { ada, register, rows, tokens, until } = yield* world()
      const clients = Effect.orDie(rows("SELECT id FROM auth_clients"))
      yield* tokens()
      yield* register()
      yield* register({}, ada.key)
      yield* TestClock.adjust("23 hours")
      expect(yield* clients).toHaveLength(3)
      yield* until(Effect.map(clients, ({ length }) => length === 2))
    })
  )
})
