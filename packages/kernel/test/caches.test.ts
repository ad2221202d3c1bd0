import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { makeAddressParser } from "../src/internal/store/Address.ts"
import { Caches } from "../src/internal/store/Caches.ts"
import { noMarks } from "../src/internal/store/CacheView.ts"
import { PlaceMemo } from "../src/internal/store/PlaceMemo.ts"
import { sqlOf } from "../src/internal/store/sql.ts"

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)
const subject = { closure: new Set<number>(), masks: new Map<number, number>() }

describe("the memory of places", () => {
  const key = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10 }))
  const action = Schema.Struct({ do: Schema.Literals(["get", "set", "set", "delete", "clear"]), key })

  it.prop(
    "never answers anything but what was last put there",
    [Schema.Array(action), Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 }))],
    ([actions, capacity]) => {
      const memo = new PlaceMemo(capacity)
      const last = new Map<number, number>()
      for (const [turn, each] of actions.entries()) {
        if (each.do === "set") {
          memo.set(each.key, turn)
          last.set(each.key, turn)
          expect(memo.get(each.key)).toBe(turn)
        } else if (each.do === "delete") {
          memo.delete(each.key)
          last.delete(each.key)
        } else if (each.do === "clear") {
          memo.clear()
          last.clear()
        } else expect(memo.get(each.key) ?? last.get(each.key)).toBe(last.get(each.key))
      }
    },
    { arbitrary: { runs: 500 } }
  )

  it("holds no more than its capacity, and of keys that share slots the two that were put there last", () => {
    const memo = new PlaceMemo(10)
    // Eight slots, in pairs: every fourth key has the same two.
    for (const each of numbers(100)) {
      const key = each + 1
      memo.set(key, each)
      expect(memo.get(key)).toBe(each)
      expect(memo.get(key - 4)).toBe(key > 4 ? each - 4 : undefined)
      expect(memo.get(key - 8)).toBeUndefined()
    }
    expect(numbers(101).filter((key) => memo.get(key) !== undefined).length).toBe(8)
  })
})

describe("the parser of addresses", () => {
  it("remembers so many texts, and none that is long", () => {
    const parse = makeAddressParser(10)
    const texts = numbers(50).map((i) => `/a/${i}`)
    const parsed = texts.map(parse)
    expect(parse("/a/49")).toBe(parsed[49])
    expect(texts.filter((text, i) => parse(text) === parsed[i]).length).toBeLessThanOrEqual(10)
    const long = `/${"a".repeat(100)}`.repeat(6)
    expect(parse(long)).not.toBe(parse(long))
  })
})

describe("what is remembered of a store of one's own", () => {
  const make = (nodes: number) => new Caches(sqlOf("sqlite"), nodes)

  it("is bounded: nodes and places by setting, masks by four times that, identities and grants", () => {
    const caches = make(1)
    caches.subjects?.set("ada", subject)
    for (let masks = 0; masks < 4; masks++) caches.countMask()
    expect(caches.subjects?.get("ada")).toBe(subject)
    caches.countMask()
    expect(caches.subjects?.get("ada")).toBeUndefined()
    const many = numbers(5_000)
    for (const each of many) {
      caches.keysById.set(`${each}`, each)
      caches.paths?.set(`${each}`, each)
      caches.subjects?.set(`${each}`, subject)
      caches.groups?.set(each, [])
      caches.grants?.set(each, [])
    }
    const held = (get: (each: number) => unknown) => many.filter((each) => get(each) !== undefined).length
    expect(held((each) => caches.keysById.get(`${each}`))).toBe(1)
    expect(held((each) => caches.paths?.get(`${each}`))).toBe(1)
    expect(held((each) => caches.subjects?.get(`${each}`))).toBe(4_096)
    expect(held((each) => caches.groups?.get(each))).toBe(4_096)
    expect(held((each) => caches.grants?.get(each))).toBe(4_096)
  })

  it("is not used for what is being changed, until the last write that changes it is over", () => {
    const caches = make(10)
    const [first, second] = [noMarks(), noMarks()]
    for (const marks of [first, second]) {
      caches.markNode(marks, 1)
      caches.markTree(marks)
      caches.markPerms(marks)
      caches.markSchema(marks)
    }
    const used = () => [
      !caches.isDirty(1),
      caches.paths !== undefined,
      caches.subjects !== undefined,
      caches.schema !== undefined
    ]
    caches.lift(first)
    expect(used()).toEqual([false, false, false, false])
    caches.lift(second)
    expect(used()).toEqual([true, true, true, true])
  })

  it("is forgotten with the schema: an install may have moved and renamed any number of nodes", () => {
    const caches = make(10)
    caches.places.set(1, 2)
    const marks = noMarks()
    caches.markSchema(marks)
    caches.lift(marks)
    expect(caches.places.get(1)).toBeUndefined()
  })
})
