import { describe, expect, it } from "@effect/vitest"
import { makeAddressParser } from "../src/internal/store/Address.ts"
import { Caches } from "../src/internal/store/Caches.ts"
import { type Marks, noMarks } from "../src/internal/store/CacheView.ts"
import { sqlOf } from "../src/internal/store/sql.ts"
import { recordOf } from "./support/records.ts"

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)
const subject = { number: 0, closure: new Set<number>(), masks: new Map<number, number>() }

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
      caches.records.set(each, recordOf(each))
      caches.paths?.set(`/${each}`, caches.records.get(each) ?? recordOf(each))
      caches.subjects?.set(`${each}`, subject)
      caches.groups?.set(each, [])
      caches.grants?.set(each, [])
    }
    const held = (get: (each: number) => unknown) => many.filter((each) => get(each) !== undefined).length
    expect(held((each) => caches.keysById.get(`${each}`))).toBe(1)
    expect(held((each) => caches.records.get(each))).toBe(1)
    expect(held((each) => caches.paths?.get(`/${each}`))).toBe(1)
    expect(held((each) => caches.subjects?.get(`${each}`))).toBe(4_096)
    expect(held((each) => caches.groups?.get(each))).toBe(4_096)
    expect(held((each) => caches.grants?.get(each))).toBe(4_096)
  })

  const parts = [
    ["a node", (caches, marks) => caches.markNode(marks, 1), ["node"]],
    ["the tree", (caches, marks) => caches.markTree(marks), ["paths", "subjects"]],
    ["what is granted", (caches, marks) => caches.markPerms(marks), ["subjects"]],
    ["the schema", (caches, marks) => caches.markSchema(marks), ["node", "schema"]]
  ] satisfies ReadonlyArray<readonly [what: string, mark: (caches: Caches, marks: Marks) => void, of: Array<string>]>

  it.each(parts)(
    "is not used for %s that is being changed, until the last write that changes it is over",
    (_, mark, of) => {
      const caches = make(10)
      const unused = () => [
        ...(caches.isDirty(1) ? ["node"] : []),
        ...(caches.paths === undefined ? ["paths"] : []),
        ...(caches.schema === undefined ? ["schema"] : []),
        ...(caches.subjects === undefined ? ["subjects"] : [])
      ]
      const [first, second] = [noMarks(), noMarks()]
      // What one write changes twice, it changes until it is over, too.
      for (const marks of [first, second, second]) mark(caches, marks)
      expect(unused()).toEqual(of)
      caches.lift(first)
      expect(unused()).toEqual(of)
      caches.lift(second)
      expect(unused()).toEqual([])
    }
  )

  it("is forgotten with the schema: an install may have moved and renamed any number of nodes", () => {
    const caches = make(10)
    caches.places.set(1, 2)
    const marks = noMarks()
    caches.markSchema(marks)
    caches.lift(marks)
    expect(caches.places.get(1)).toBeUndefined()
  })
})
