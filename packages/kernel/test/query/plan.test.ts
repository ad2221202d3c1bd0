import { describe, expect, it } from "@effect/vitest"
import type { Where } from "@portico/schema"
import { conjuncts } from "../../src/internal/query/filter.ts"
import { parseFilter, parseOrder } from "../../src/internal/query/parseFilter.ts"
import { type IndexPlan, planIndex, suggestIndex } from "../../src/internal/query/plan.ts"

/** Properties are called by one letter. */
const key = (name: string) => `x.example.dev:class.X.property.${name}`
const resolve = (name: string) =>
  name === "slug" ? ({ kind: "system", key: "slug" } as const) : ({ kind: "prop", key: key(name) } as const)
const testsOf = (where: Where) => conjuncts(parseFilter(where, resolve, []))
const orderOf = (...by: ReadonlyArray<readonly [string, "asc" | "desc"]>) => parseOrder(by, resolve, [])
const lists = (...names: ReadonlyArray<string>) => names.map((name, id) => ({ id, keys: [...name].map(key) }))

/** The index that is chosen, how many stretches of it, and the order that it serves. */
const told = (plan: IndexPlan | undefined, names: ReadonlyArray<string>) =>
  plan === undefined
    ? undefined
    : {
        index: names[plan.list.id],
        stretches: plan.stretches.length,
        serves: plan.serves?.map(({ descending, field }) => `${field.key.at(-1)}${descending ? "-" : "+"}`).join("")
      }
const plan = (where: Where, order: ReturnType<typeof orderOf>, ...names: ReadonlyArray<string>) =>
  told(planIndex(testsOf(where), order, lists(...names)), names)

describe("the plan of a where and an order", () => {
  it("fixes as many columns of an index as it can, and takes the index that fixes most", () => {
    const where: Where = { a: { eq: 1 }, b: { eq: 2 }, c: { gt: 3 } }
    expect(plan(where, [], "a", "abc", "cab")).toEqual({ index: "abc", stretches: 1, serves: "c+" })
    expect(plan(where, [], "c", "xa")).toEqual({ index: "c", stretches: 1, serves: "c+" })
    expect(plan(where, [], "xa", "xb")).toBeUndefined()
    expect(plan({ a: { contains: "x" }, b: { ne: 1 } }, [], "a", "b")).toBeUndefined()
    expect(plan({ or: [{ a: { eq: 1 } }, { b: { eq: 1 } }] }, [], "a", "b")).toBeUndefined()
    expect(plan({ and: [{ a: { eq: 1 } }, { and: [{ b: { eq: 1 } }] }] }, [], "ab")?.index).toBe("ab")
  })

  it("reads a stretch for each value of an in, each once, and gives up where these are too many", () => {
    expect(plan({ a: { in: [1, 2, 2, 1] }, b: { in: ["x", "y"] } }, [], "ab")?.stretches).toBe(4)
    expect(plan({ a: { in: [] } }, [], "a")?.stretches).toBe(0)
    const long = "x".repeat(200)
    expect(plan({ a: { in: [`${long}1`, `${long}2`] } }, [], "a")?.stretches).toBe(1)
    const many = Array.from({ length: 65 }, (_, i) => i)
    expect(plan({ a: { in: many } }, [], "a")).toBeUndefined()
    expect(plan({ b: { eq: 1 }, a: { in: many } }, [], "ba")).toEqual({ index: "ba", stretches: 1, serves: "a+" })
  })

  it("serves an order that the columns behind the fixed ones have, all one way, and says what breaks ties", () => {
    expect(plan({ a: { eq: 1 } }, orderOf(["b", "asc"]), "abc")?.serves).toBe("b+c+")
    expect(plan({ a: { eq: 1 } }, orderOf(["b", "desc"], ["c", "desc"]), "abc")?.serves).toBe("b-c-")
    expect(plan({ a: { eq: 1 } }, orderOf(["a", "desc"], ["b", "asc"]), "abc")?.serves).toBe("b+c+")
    expect(plan({}, orderOf(["a", "asc"]), "a")).toEqual({ index: "a", stretches: 1, serves: "a+" })
    expect(plan({ a: { gt: 1 } }, orderOf(["a", "desc"]), "ab")?.serves).toBe("a-b-")
    for (const order of [orderOf(["b", "asc"], ["c", "desc"]), orderOf(["c", "asc"]), orderOf(["slug", "asc"])]) {
      expect(plan({ a: { eq: 1 } }, order, "abc")).toEqual({ index: "abc", stretches: 1, serves: undefined })
    }
    expect(plan({}, orderOf(["b", "asc"]), "ab")).toBeUndefined()
    // Of two that fix as much, the one in whose order the page is.
    expect(plan({ a: { eq: 1 } }, orderOf(["c", "asc"]), "ab", "ac")?.index).toBe("ac")
  })

  it("asks for an empty stretch where tests contradict each other", () => {
    const contradicting = planIndex(testsOf({ and: [{ a: { gt: 5 } }, { a: { lt: 2 } }] }), [], lists("a"))
    const [stretch] = contradicting?.stretches ?? []
    expect(stretch !== undefined && stretch.lower >= stretch.upper).toBe(true)
  })
})

describe("the index that is named where none serves", () => {
  const suggested = (where: Where, ...order: ReadonlyArray<readonly [string, "asc" | "desc"]>) =>
    suggestIndex(testsOf(where), orderOf(...order)).join("")

  it("has first what is fixed, then a range or the order", () => {
    expect(suggested({ b: { gt: 1 }, a: { eq: 1 } }, ["c", "asc"])).toBe("ab")
    expect(suggested({ a: { in: [1] } }, ["c", "asc"], ["d", "asc"])).toBe("acd")
    expect(suggested({ a: { eq: 1 } }, ["c", "asc"], ["d", "desc"])).toBe("a")
    expect(suggested({ a: { contains: "x" } })).toBe("")
    expect(suggested({ slug: { contains: "x" } }, ["slug", "asc"])).toBe("")
    expect(suggested({ a: { eq: 1 }, b: { eq: 1 }, c: { eq: 1 }, d: { eq: 1 }, e: { eq: 1 } })).toBe("abcd")
  })

  it("is one that serves, once it is there", () => {
    const asks: ReadonlyArray<readonly [Where, ReturnType<typeof orderOf>]> = [
      [{ b: { gt: 1 }, a: { eq: 1 } }, []],
      [{ a: { eq: 1 } }, orderOf(["c", "desc"], ["d", "desc"])],
      [{}, orderOf(["c", "asc"])],
      [{ a: { startsWith: "x" } }, []]
    ]
    for (const [where, order] of asks) {
      const names = suggestIndex(testsOf(where), order)
      expect(planIndex(testsOf(where), order, [{ id: 1, keys: names.map(key) }])?.serves).toBeDefined()
    }
  })
})
