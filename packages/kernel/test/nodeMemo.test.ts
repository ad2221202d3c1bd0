import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { NodeMemo } from "../src/internal/store/NodeMemo.ts"
import type { NodeRecord } from "../src/internal/store/NodeRecord.ts"
import { recordOf } from "./support/records.ts"

const key = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))
const path = Schema.Literals(["/a", "/b", "/a/c", "/d"])
const action = Schema.Struct({
  do: Schema.Literals(["get", "at", "set", "set", "place", "place", "delete", "clear", "clearPaths"]),
  key,
  path
})

/** The same without bounds: what was put there last. */
class Naive {
  readonly records = new Map<number, NodeRecord>()
  readonly paths = new Map<string, NodeRecord>()

  set(record: NodeRecord): void {
    this.records.set(record.key, record)
  }

  /** The record at a path, if it is still what is known of its node. */
  at(path: string): NodeRecord | undefined {
    const record = this.paths.get(path)
    return record !== undefined && this.records.get(record.key) === record ? record : undefined
  }
}

describe("NodeMemo", () => {
  it.prop(
    "never answers anything but what was last put there, by key and by path, and never holds more than its capacity",
    [Schema.Array(action), Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 }))],
    ([actions, capacity]) => {
      const memo = new NodeMemo(capacity)
      const naive = new Naive()
      const held = () => Array.from({ length: 9 }, (_, i) => memo.get(i + 1)).filter((each) => each !== undefined)
      for (const each of actions) {
        if (each.do === "set") {
          const record = recordOf(each.key)
          memo.set(each.key, record)
          naive.set(record)
          expect(memo.get(each.key)).toBe(record)
        } else if (each.do === "place") {
          const record = memo.get(each.key)
          if (record === undefined) continue
          memo.place(each.path, record)
          naive.paths.set(each.path, record)
          expect(memo.at(each.path)).toBe(record)
        } else if (each.do === "delete") {
          memo.delete(each.key)
          naive.records.delete(each.key)
        } else if (each.do === "clear") {
          memo.clear()
          naive.records.clear()
          naive.paths.clear()
        } else if (each.do === "clearPaths") {
          memo.clearPaths()
          naive.paths.clear()
        } else {
          const [byKey, byPath] = [memo.get(each.key), memo.at(each.path)]
          if (byKey !== undefined) expect(byKey).toBe(naive.records.get(each.key))
          if (byPath !== undefined) expect(byPath).toBe(naive.at(each.path))
        }
      }
      expect(held().length).toBeLessThanOrEqual(capacity)
    },
    { arbitrary: { runs: 1_000 } }
  )

  it("holds no path of a record that it does not hold", () => {
    const memo = new NodeMemo(2)
    memo.place("/a", recordOf(1))
    expect(memo.at("/a")).toBeUndefined()
    for (const each of [1, 2, 3]) {
      const record = recordOf(each)
      memo.set(each, record)
      memo.place(`/${each}`, record)
    }
    expect([1, 2, 3].map((each) => memo.at(`/${each}`)?.key)).toEqual([undefined, 2, 3])
    memo.delete(2)
    expect(memo.at("/2")).toBeUndefined()
  })

  it("keeps what is asked for again, by key or by path, while what is wanted once passes through", () => {
    const memo = new NodeMemo(10)
    const hot = [1, 2, 3, 4]
    for (const each of hot) {
      const record = recordOf(each)
      memo.set(each, record)
      memo.place(`/${each}`, record)
    }
    for (let once = 100; once < 1_000; once++) {
      for (const each of hot) expect(each % 2 === 0 ? memo.get(each) : memo.at(`/${each}`)).toBeDefined()
      memo.set(once, recordOf(once))
    }
  })

  it("lets go of what it forgets: a record that is still held elsewhere leads to no other", () => {
    const memo = new NodeMemo(2)
    const records = [1, 2, 3, 4].map((each) => recordOf(each))
    for (const record of records) memo.set(record.key, record)
    memo.delete(3)
    memo.clear()
    for (const { newer, older } of records) expect([newer, older]).toEqual([undefined, undefined])
  })
})
