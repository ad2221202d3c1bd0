import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { PlaceMemo } from "../src/internal/store/PlaceMemo.ts"

const keys = Array.from({ length: 40 }, (_, at) => at + 1)
const action = Schema.Struct({ do: Schema.Literals(["set", "set", "delete", "clear"]), key: Schema.Literals(keys) })

describe("PlaceMemo", () => {
  it.prop(
    "never answers anything but what was last put there",
    [Schema.Array(action), Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 }))],
    ([actions, capacity]) => {
      const memo = new PlaceMemo(capacity)
      const last = new Map<number, number>()
      for (const [turn, each] of actions.entries()) {
        if (each.do === "set") {
          // The trash is told of as -2.
          memo.set(each.key, turn - 2)
          last.set(each.key, turn - 2)
          expect(memo.get(each.key)).toBe(turn - 2)
        } else if (each.do === "delete") {
          memo.delete(each.key)
          last.delete(each.key)
        } else {
          memo.clear()
          last.clear()
        }
        for (const key of keys) expect([undefined, last.get(key)]).toContain(memo.get(key))
      }
    }
  )

  it("keeps neighbours beside each other, and no more than it has room for", () => {
    const memo = new PlaceMemo(64)
    const all = Array.from({ length: 1_000 }, (_, at) => at + 1)
    for (const key of all) memo.set(key, key * 2)
    expect(all.filter((key) => memo.get(key) !== undefined)).toEqual(all.slice(-64))
  })

  it("holds of keys that share slots the two that were put there last", () => {
    const memo = new PlaceMemo(10)
    // Eight slots, in pairs: every fourth key has the same two.
    const all = Array.from({ length: 100 }, (_, at) => at + 1)
    for (const key of all) {
      memo.set(key, key * 2)
      expect(memo.get(key)).toBe(key * 2)
      expect(memo.get(key - 4)).toBe(key > 4 ? (key - 4) * 2 : undefined)
      expect(memo.get(key - 8)).toBeUndefined()
    }
  })

  it("knows nothing of what is no node: what is above Root, and the trash", () => {
    const memo = new PlaceMemo(8)
    expect([memo.get(0), memo.get(-1)]).toEqual([undefined, undefined])
  })
})
