import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Sieve } from "../src/internal/store/Sieve.ts"

const key = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 }))
const action = Schema.Struct({ do: Schema.Literals(["get", "set", "set", "delete", "clear"]), key })

describe("Sieve", () => {
  it.prop(
    "never answers anything but what was last put there, and never holds more than its capacity",
    [Schema.Array(action), Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 }))],
    ([actions, capacity]) => {
      const sieve = new Sieve<number, number>(capacity)
      const last = new Map<number, number>()
      for (const [turn, each] of actions.entries()) {
        if (each.do === "set") {
          sieve.set(each.key, turn)
          last.set(each.key, turn)
          expect(sieve.get(each.key)).toBe(turn)
        } else if (each.do === "delete") {
          sieve.delete(each.key)
          last.delete(each.key)
        } else if (each.do === "clear") {
          sieve.clear()
          last.clear()
        } else {
          const found = sieve.get(each.key)
          if (found !== undefined) expect(found).toBe(last.get(each.key))
        }
        expect(sieve.size).toBeLessThanOrEqual(capacity)
      }
    },
    { arbitrary: { runs: 500 } }
  )

  it("keeps what is asked for again while what is wanted once passes through", () => {
    const sieve = new Sieve<number, string>(10)
    for (let hot = 0; hot < 5; hot++) sieve.set(hot, "hot")
    for (let once = 100; once < 1_000; once++) {
      for (let hot = 0; hot < 5; hot++) expect(sieve.get(hot)).toBe("hot")
      sieve.set(once, "once")
    }
    expect(sieve.size).toBe(10)
  })
})
