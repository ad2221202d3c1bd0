import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { attemptAll, memoryThrottle } from "../../src/internal/limits/throttle.ts"

const rule = { name: "test", free: 3, base: 1_000, max: 8_000 }

describe("a throttle", () => {
  it.effect("lets the first failures pass, then doubles the wait up to a maximum", () =>
    Effect.gen(function* () {
      const throttle = memoryThrottle(rule)
      const waits: Array<number> = []
      for (let failure = 0; failure < 9; failure++) {
        expect(yield* throttle.attempt("k")).toBe(0)
        const wait = yield* throttle
          .attempt("k")
          .pipe(Effect.tap((wait) => (wait === 0 ? throttle.refund("k") : Effect.void)))
        waits.push(wait)
        yield* TestClock.adjust(wait)
      }
      // Whoever has waited for the longest time begins anew.
      expect(waits).toEqual([0, 0, 0, 1_000, 2_000, 4_000, 8_000, 0, 0])
      expect(yield* throttle.attempt("other")).toBe(0)
    })
  )

  it.effect("counts the wait down, and forgets a key that was quiet for long enough", () =>
    Effect.gen(function* () {
      const throttle = memoryThrottle(rule)
      for (let i = 0; i < 4; i++) expect(yield* throttle.attempt("k")).toBe(0)
      yield* TestClock.adjust(400)
      expect(yield* throttle.attempt("k")).toBe(600)
      yield* TestClock.adjust(8_000)
      for (let i = 0; i < 3; i++) expect(yield* throttle.attempt("k")).toBe(0)
    })
  )

  it.effect("starts afresh after a success, or takes one failure back", () =>
    Effect.gen(function* () {
      const throttle = memoryThrottle(rule)
      for (let i = 0; i < 3; i++) yield* throttle.attempt("k")
      yield* throttle.refund("k")
      for (let i = 0; i < 2; i++) expect(yield* throttle.attempt("k")).toBe(0)
      expect(yield* throttle.attempt("k")).toBe(1_000)
      yield* throttle.forget("k")
      for (let i = 0; i < 4; i++) expect(yield* throttle.attempt("k")).toBe(0)
    })
  )

  it.effect("remembers a bounded number of keys", () =>
    Effect.gen(function* () {
      const throttle = memoryThrottle({ ...rule, free: 0 }, 2)
      for (const key of ["a", "b", "c"]) yield* throttle.attempt(key)
      expect(yield* Effect.forEach(["c", "b", "a"], throttle.attempt)).toEqual([1_000, 1_000, 0])
    })
  )

  it.effect("counts a try with all that have a say in it, or with none", () =>
    Effect.gen(function* () {
      const [wide, narrow] = [memoryThrottle({ ...rule, free: 1 }), memoryThrottle({ ...rule, free: 0 })]
      const attempt = attemptAll([
        [wide, "address"],
        [narrow, "pair"]
      ])
      yield* attempt
      const refused = yield* Effect.flip(attempt)
      expect(refused).toMatchObject({ code: "RATE_LIMITED", headers: { "retry-after": "1" } })
      // The one that let it pass has not counted it, so it lets one more pass.
      expect(yield* wide.attempt("address")).toBe(0)
      expect(yield* wide.attempt("address")).toBe(1_000)
    })
  )
})
