import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import * as Mask from "../src/Mask.ts"

describe("Mask.fromInput", () => {
  it("takes whole numbers from 0 to 15 as they are", () => {
    for (let mask = 0; mask <= 15; mask++) expect(Mask.fromInput(mask)).toBe(mask)
    expect(Object.is(Mask.fromInput(-0), 0)).toBe(true)
  })

  it("takes names", () => {
    expect(Mask.fromInput([])).toBe(0)
    expect(Mask.fromInput(["READ", "EDIT"])).toBe(3)
    expect(Mask.fromInput(["SHARE", "USE", "SHARE"])).toBe(12)
  })

  it.each([
    -1,
    16,
    2 ** 31,
    0xffffffff,
    2 ** 53 + 1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "3",
    "READ",
    ["read"],
    ["READ", 2],
    ["__proto__"],
    [["READ"]],
    new Array(65).fill("READ"),
    null,
    undefined,
    true,
    3n,
    {},
    { 0: "READ", length: 1 }
  ])("refuses %s and never cuts it down", (input) => {
    expect(Mask.fromInput(input)).toBeUndefined()
  })

  it.prop("names and masks are two spellings of one thing", [Schema.Literals([...Array(16).keys()])], ([mask]) => {
    expect(Mask.fromInput(Mask.names(mask))).toBe(mask)
  })
})

describe("arithmetic", () => {
  const masks = Arbitrary.array(Arbitrary.schema(Schema.Literals([...Array(16).keys()])))

  it.prop("agrees with sets of names", [masks, Schema.Literals([...Array(16).keys()])], ([all, needed]) => {
    const names = new Set(all.flatMap((mask) => Mask.names(mask)))
    const joined = Mask.union(...all)
    expect(new Set(Mask.names(joined))).toEqual(names)
    expect(Mask.has(joined, needed)).toBe(Mask.names(needed).every((name) => names.has(name)))
    expect(Mask.names(Mask.missing(joined, needed))).toEqual(Mask.names(needed).filter((name) => !names.has(name)))
    expect(Mask.names(Mask.intersect(...all))).toEqual(
      Mask.permNames.filter((name) => all.every((mask) => Mask.names(mask).includes(name)))
    )
  })

  it("says masks in words", () => {
    expect(Mask.format(0)).toBe("nothing")
    expect(Mask.format(9)).toBe("READ, SHARE")
  })
})
