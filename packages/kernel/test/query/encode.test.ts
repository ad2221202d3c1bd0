import { describe, expect, it } from "@effect/vitest"
import type { Json } from "@portico/schema"
import * as Schema from "effect/Schema"
import { compareText, cutText } from "../../src/internal/query/codePoints.ts"
import { beginningWith, comparedTo, encodeValue, existing, type Range } from "../../src/internal/query/encode.ts"
import { naiveCompare } from "../support/naive.ts"

const odd: ReadonlyArray<Json> = [
  null,
  false,
  true,
  0,
  -0,
  1,
  -1,
  1.5,
  -1.5,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  2 ** 53,
  "",
  "a",
  "ab",
  "b",
  "\u0000",
  "\u0001",
  "\u0002",
  "a\u0000",
  "a\u0001",
  "\uffff",
  "\ue000",
  "\u{10000}",
  "\u{10fffd}",
  "\u{10fffe}",
  "\u{10ffff}",
  "\u{10ffff}z",
  "x".repeat(127),
  "x".repeat(128),
  "x".repeat(129),
  "\u{1f600}".repeat(129),
  [],
  ["a"],
  { a: 1 }
]

const value = Schema.Union([
  Schema.Literals([0, 1, 2, 3, 14, 15, 16, 17, 18, 19, 22, 23, 24, 25, 26, 27, 28, 30, 31, 32]),
  Schema.Finite,
  Schema.String
])
const tuple = Schema.Array(value).check(Schema.isMinLength(2), Schema.isMaxLength(2))

/** Small numbers stand for one of the odd values. Text is well-formed, since the kernel takes no other. */
const actual = (each: string | number): Json => (typeof each === "number" ? (odd[each] ?? each) : each.toWellFormed())

const sign = (n: number) => Math.sign(n)

describe("encoded values", () => {
  it("are in the order of the values, for every pair of odd ones", () => {
    for (const a of odd) {
      for (const b of odd) {
        const encoded = sign(compareText(encodeValue(a), encodeValue(b)))
        expect([a, b, encoded]).toEqual([a, b, sign(naiveCompare(a, b)) + 0])
      }
    }
  })

  it.prop("make tuples that are in the order of the tuples", [tuple, tuple], ([one, other]) => {
    const [a, b] = [one.map(actual), other.map(actual)]
    const naive = naiveCompare(a[0] ?? null, b[0] ?? null) || naiveCompare(a[1] ?? null, b[1] ?? null)
    const [textA, textB] = [a.map(encodeValue).join(""), b.map(encodeValue).join("")]
    expect(sign(compareText(textA, textB))).toBe(sign(naive) + 0)
    // The database compares bytes of UTF-8.
    expect(sign(Buffer.compare(Buffer.from(textA), Buffer.from(textB)))).toBe(sign(naive) + 0)
    expect(textA).not.toContain("\u0000")
  })

  it("lie in the ranges that find them, and nothing else does where nothing was cut", () => {
    const within = ({ lower, upper }: Range, each: Json) => {
      // Followed by another column, as in an index.
      const text = `p${encodeValue(each)}e`
      return compareText(text, lower) >= 0 && compareText(text, upper) < 0
    }
    const isLong = (each: Json) => typeof each === "string" && cutText(each, 127) !== each
    for (const of of odd) {
      if (typeof of === "object") continue
      for (const each of odd) {
        if (isLong(each) || isLong(of)) continue
        const same = typeof each === typeof of
        const order = naiveCompare(each, of)
        expect([of, each, within(comparedTo("p", "lt", of), each)]).toEqual([of, each, same && order < 0])
        expect([of, each, within(comparedTo("p", "lte", of), each)]).toEqual([of, each, same && order <= 0])
        expect([of, each, within(comparedTo("p", "gt", of), each)]).toEqual([of, each, same && order > 0])
        expect([of, each, within(comparedTo("p", "gte", of), each)]).toEqual([of, each, same && order >= 0])
        expect(within(existing("p", true), each)).toBe(each !== null)
        expect(within(existing("p", false), each)).toBe(each === null)
        if (typeof of === "string") {
          const begins = typeof each === "string" && each.startsWith(of)
          expect([of, each, within(beginningWith("p", of), each)]).toEqual([of, each, begins])
        }
      }
    }
  })

  it("of long texts lie in every range that might find them", () => {
    const [long, longer] = [`${"x".repeat(130)}a`, `${"x".repeat(130)}b`]
    for (const range of [
      comparedTo("", "lt", longer),
      comparedTo("", "gt", long),
      beginningWith("", "x".repeat(131)),
      comparedTo("", "gte", longer)
    ]) {
      for (const each of [long, longer]) {
        expect(compareText(encodeValue(each), range.lower)).toBeGreaterThanOrEqual(0)
        expect(compareText(encodeValue(each), range.upper)).toBeLessThan(0)
      }
    }
  })
})
