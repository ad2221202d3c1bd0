import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { distance, nearest } from "../../src/internal/suggest.ts"

const Word = Schema.Array(Schema.Literals(["a", "b", "c"])).check(Schema.isMaxLength(5))

/** The definition of optimal string alignment, written down as it stands. */
const naive = (a: string, b: string): number => {
  if (a === "" || b === "") return a.length + b.length
  const same = a.at(-1) === b.at(-1) ? 0 : 1
  const steps = [
    naive(a.slice(0, -1), b) + 1,
    naive(a, b.slice(0, -1)) + 1,
    naive(a.slice(0, -1), b.slice(0, -1)) + same
  ]
  const swapped = a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)
  return Math.min(...steps, ...(swapped ? [naive(a.slice(0, -2), b.slice(0, -2)) + 1] : []))
}

describe("the nearest name", () => {
  it.prop("the distance is what its definition says", [Word, Word], ([a, b]) => {
    expect(distance(a.join(""), b.join(""))).toBe(naive(a.join(""), b.join("")))
  })

  it.prop("a limit cuts off only what is beyond it", [Word, Word], ([a, b]) => {
    const far = naive(a.join(""), b.join(""))
    expect(distance(a.join(""), b.join(""), 2)).toBe(far <= 2 ? far : 3)
  })

  it("a swap, a slip and another letter case are near; another word is not", () => {
    expect(nearest("gate.prot", ["gate.port", "gate.host", "kernel.walSync"])).toEqual(["gate.port"])
    expect(nearest("kernal", ["kernel", "auth"])).toEqual(["kernel"])
    expect(nearest("app/DB", ["app/Db"])).toEqual(["app/Db"])
    expect(nearest("mail", ["kernel", "auth"])).toEqual([])
  })

  it("names of other packages that end alike are suggested", () => {
    expect(nearest("app/Database", ["@portico/gate/database/Database"])).toEqual(["@portico/gate/database/Database"])
  })
})
