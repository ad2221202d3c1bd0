import { existsSync, readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { canonicalJson } from "../src/index.ts"

const folder = new URL("../../../../shared/data/rfc8785/", import.meta.url)
const present = existsSync(folder)

describe("RFC 8785", () => {
  const inputs = present ? readdirSync(folder).filter((name) => name.endsWith(".input.json")) : []

  it.skipIf(!present)("writes the test vectors of the RFC (needs vectors)", () => {
    expect(inputs.length).toBeGreaterThanOrEqual(6)
    for (const name of inputs) {
      const input: unknown = JSON.parse(readFileSync(new URL(name, folder), "utf8"))
      const output = readFileSync(new URL(name.replace(".input.", ".output."), folder), "utf8").trimEnd()
      expect(canonicalJson(JSON.parse(JSON.stringify(input))), name).toBe(output)
    }
  })

  it("writes numbers, strings and keys as the RFC says", () => {
    expect(canonicalJson({ b: [1e30, 4.5, 0.002, 1e-27, -0], a: "\u20ac$\u000f\nA'\"\\/" })).toBe(
      '{"a":"€$\\u000f\\nA\'\\"\\\\/","b":[1e+30,4.5,0.002,1e-27,0]}'
    )
    // Keys are sorted by UTF-16 code units: the emoji (d83d…) comes before U+FB33.
    expect(canonicalJson({ "\ufb33": 1, "😀": 2, "€": 3, "1": 4, "": 5 })).toBe('{"":5,"1":4,"€":3,"😀":2,"\ufb33":1}')
  })

  it("refuses what has no canonical text", () => {
    expect(() => canonicalJson(["\ud800"])).toThrow()
    expect(() => canonicalJson({ "\udfff": 1 })).toThrow()
    expect(() => canonicalJson(Number.NaN)).toThrow()
    expect(() => canonicalJson([Number.POSITIVE_INFINITY])).toThrow()
  })

  it.prop(
    "is the same for the same value, however its keys are ordered",
    [Schema.Record(Schema.String, Schema.Int)],
    ([record]) => {
      const wellFormed = Object.entries(record).filter(([key]) => key.isWellFormed() && key !== "__proto__")
      const there = Object.fromEntries(wellFormed)
      const back = Object.fromEntries([...wellFormed].reverse())
      expect(canonicalJson(there)).toBe(canonicalJson(back))
      expect(JSON.parse(canonicalJson(there))).toEqual(JSON.parse(JSON.stringify(there)))
    }
  )
})
