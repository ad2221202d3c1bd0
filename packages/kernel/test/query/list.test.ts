import { describe, expect, it } from "@effect/vitest"
import type { Json } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { call, create, install, onKernel } from "../support/kernel.ts"
import { type Naive, naiveHolds, naiveSort } from "../support/naive.ts"
import { T, things } from "../support/things.ts"

const names = ["", "a", "ab", "b", "\uffff", "\u{1f600}", "x".repeat(200), `${"x".repeat(199)}y`]
const ages = [-1, 0, 1.5, 2, 10]
const pick = <A extends Json>(values: ReadonlyArray<A>) => Schema.Literals(values.map((_, i) => i))

const Thing = Schema.Struct({
  name: Schema.optionalKey(pick(names)),
  age: Schema.optionalKey(pick(ages)),
  flag: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  tags: Schema.optionalKey(Schema.Array(pick(names)).check(Schema.isMaxLength(2)))
})
const Test = Schema.Union([
  Schema.Struct({
    key: Schema.Literal("name"),
    op: Schema.Literals(["eq", "ne", "lt", "lte", "gt", "gte", "contains", "startsWith"]),
    to: pick(names)
  }),
  Schema.Struct({
    key: Schema.Literal("age"),
    op: Schema.Literals(["eq", "ne", "lt", "lte", "gt", "gte"]),
    to: pick(ages)
  }),
  Schema.Struct({ key: Schema.Literal("flag"), op: Schema.Literals(["eq", "ne", "lt", "gte"]), to: Schema.Boolean }),
  Schema.Struct({ key: Schema.Literal("tags"), op: Schema.Literal("contains"), to: pick(names) }),
  Schema.Struct({ key: Schema.Literals(["name", "age", "flag"]), op: Schema.Literal("exists"), to: Schema.Boolean }),
  Schema.Struct({ key: Schema.Literals(["age", "flag"]), op: Schema.Literal("eq"), to: Schema.Null }),
  Schema.Struct({ key: Schema.Literal("name"), op: Schema.Literal("in"), to: Schema.Array(pick(names)) })
])
const Part = Schema.Struct({
  tests: Schema.Array(Test).check(Schema.isMaxLength(2)),
  is: Schema.Literals(["and", "or", "not"])
})
const OrderBy = Schema.Tuple([Schema.Literals(["name", "age", "flag", "tags"]), Schema.Literals(["asc", "desc"])])
const Ask = Schema.Struct({
  all: Schema.Array(Test).check(Schema.isMaxLength(3)),
  part: Schema.optionalKey(Part),
  order: Schema.Array(OrderBy).check(Schema.isMaxLength(2)),
  limit: Schema.Literals([1, 2, 3, 100])
})

const toOf = (test: typeof Test.Type): unknown => {
  if (test.op === "in") return test.to.map((each) => names[each])
  if (test.key === "name" && typeof test.to === "number") return names[test.to]
  if (test.key === "tags") return names[test.to]
  return test.key === "age" && typeof test.to === "number" ? ages[test.to] : test.to
}
const whereOf = (test: typeof Test.Type) => ({ [test.key]: { [test.op]: toOf(test) } })
const partOf = (part: typeof Part.Type) => {
  const tests = part.tests.map(whereOf)
  return part.is === "not" ? { not: { and: tests } } : { [part.is]: tests }
}
const asked = (ask: typeof Ask.Type) => ({
  and: [...ask.all.map(whereOf), ...(ask.part === undefined ? [] : [partOf(ask.part)])]
})

const propsOf = (thing: typeof Thing.Type): Naive => ({
  ...(thing.name === undefined ? {} : { name: names[thing.name] ?? "" }),
  ...(thing.age === undefined ? {} : { age: ages[thing.age] ?? 0 }),
  ...(thing.flag === undefined ? {} : { flag: thing.flag }),
  ...(thing.tags === undefined ? {} : { tags: thing.tags.map((tag) => names[tag] ?? "") })
})

const pages = Effect.fnUntraced(function* (path: string, params: object) {
  const slugs: Array<string> = []
  let cursor: string | undefined
  do {
    const page = yield* call(`${path}::listChildren`, { ...params, ...(cursor === undefined ? {} : { cursor }) })
    slugs.push(...page.nodes.map(({ slug }: { slug: string }) => slug))
    cursor = page.next
  } while (cursor !== undefined)
  return slugs
})

describe("where and order", () => {
  it.effect.prop(
    "find just what filtering and sorting all children would, with an index or without one",
    [
      Schema.Array(Thing).check(Schema.isMaxLength(12)),
      Schema.Array(Ask).check(Schema.isMinLength(4), Schema.isMaxLength(8))
    ],
    ([given, asks]) =>
      onKernel(
        Effect.gen(function* () {
          yield* install(things)
          const all = new Map<string, Naive>()
          for (const of of [T.Indexed, T.Plain]) {
            yield* create(`/${of.ref.slice(-5)}`)
            for (const [i, thing] of given.entries()) {
              const props = propsOf(thing)
              all.set(`t${i}`, props)
              // Made as something else, so that the index had to follow.
              const path = `/${of.ref.slice(-5)}/t${i}`
              yield* create(path, { class: of.ref, props: i % 2 === 0 ? props : { name: "zz", age: 7 } })
              if (i % 2 === 1)
                yield* call(`${path}::update`, {
                  props,
                  unset: ["name", "age"].filter((key) => props[key] === undefined)
                })
            }
          }
          for (const ask of asks) {
            const where = asked(ask)
            const expected = [...all].filter(([, node]) => naiveHolds(where, node)).map(([slug]) => slug)
            const at = (slug: string): Naive => all.get(slug) ?? {}
            const compare = naiveSort(ask.order)
            for (const of of [T.Indexed, T.Plain]) {
              const params = { where, order: ask.order, limit: ask.limit, class: of.ref }
              const found = yield* pages(`/${of.ref.slice(-5)}`, params)
              expect([...found].sort()).toEqual([...expected].sort())
              for (const [i, slug] of found.slice(1).entries()) {
                expect(compare(at(found[i] ?? ""), at(slug))).toBeLessThanOrEqual(0)
              }
              expect(yield* call(`/${of.ref.slice(-5)}::countChildren`, { where, class: of.ref })).toEqual({
                count: expected.length
              })
            }
          }
        })
      ),
    { arbitrary: { runs: 40 }, timeout: 60_000 }
  )
})
