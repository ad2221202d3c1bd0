import { describe, expect, it } from "@effect/vitest"
import { compileDomain, defineSchema, edgeClass, KernelSchema, nodeClass } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { bundle, bundleOf, D } from "../support/crm.ts"
import { violations } from "../support/integrity.ts"
import { call, create, install, onKernel } from "../support/kernel.ts"
import { exported, imported, rowsOf } from "../support/transfer.ts"

/** What of a row has to be the same in another instance. */
const essence = ({ id: _, createdAt: _c, updatedAt: _u, rev: _r, ...rest }: Record<string, unknown>) => rest

describe("a file of an export", () => {
  it.effect("makes the same graph in another instance", () =>
    Effect.gen(function* () {
      const file = yield* onKernel(
        Effect.gen(function* () {
          yield* install(bundle)
          yield* create("/a", { props: { name: "A", description: 'über\n"x"' } })
          yield* create("/a/b")
          yield* create("/a/ada", {
            class: D.Contact.ref,
            props: { email: "ada@example.dev", address: { city: "Bern" } }
          })
          yield* create("/a/bob", { class: D.Contact.ref, props: { email: "bob@example.dev" } })
          yield* create("/a/ada/apollo", { class: D.Project.ref, props: { title: "Apollo" } })
          yield* call("/a/ada::link", { edgeClass: D.works_on.ref, target: "/a/ada/apollo", props: { role: "x" } })
          yield* call("/a/bob::link", { edgeClass: D.knows.ref, target: "/a/ada" })
          return yield* exported()
        })
      )
      const rows = rowsOf(file)
      expect(rows.map(({ path, source }) => path ?? source)).toEqual([
        "/a",
        "/a/ada",
        "/a/ada/apollo",
        "/a/b",
        "/a/bob",
        "/a/ada",
        "/a/ada"
      ])
      const [again, wrong, result] = yield* onKernel(
        Effect.gen(function* () {
          yield* install(bundle)
          const made = yield* imported(file)
          return [yield* exported(), yield* violations, made] as const
        })
      )
      expect(result).toMatchObject({ nodes: { created: 5 }, edges: { created: 2 }, failed: 0, transactions: 1 })
      expect(wrong).toEqual([])
      expect(rowsOf(again).map(essence)).toEqual(rows.map(essence))
    })
  )
})

const Item = nodeClass({
  implements: [KernelSchema.interfaces.Container, KernelSchema.interfaces.Named],
  props: {
    text: Schema.optional(Schema.String),
    count: Schema.optional(Schema.Finite),
    list: Schema.optional(Schema.Array(Schema.Json))
  }
})
const Holder = nodeClass({ implements: [KernelSchema.interfaces.Container] })
const holds = edgeClass({ as: "holder", types: [Holder], cardinality: "1..*" }, { as: "held", types: [Item, Holder] })
const likes = edgeClass(
  { as: "one", types: [Item] },
  { as: "other", types: [Item, Holder] },
  { props: { why: Schema.optional(Schema.String) } }
)
const near = edgeClass({ as: "one", types: [Item] }, { as: "other", types: [Item] }, { symmetric: true, unique: true })
const schema = defineSchema("round.example.dev", {
  classes: { Item, Holder, holds, likes, near },
  imports: [KernelSchema]
})
const R = compileDomain(schema)

const slugs = ["a", "b", "c-1", "ü", "日本", "~t", "Z.z"]
const Below = (most: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: most }))

/** A node below an earlier one; a holder holds an earlier one. Edges go from any to any; what is refused is not there. */
const Shape = Schema.Struct({
  nodes: Schema.Array(
    Schema.Struct({
      parent: Below(20),
      slug: Schema.Literals(slugs),
      holds: Schema.NullOr(Below(20)),
      text: Schema.optionalKey(Schema.String),
      count: Schema.optionalKey(Schema.Finite),
      list: Schema.optionalKey(Schema.Array(Schema.Union([Schema.String, Schema.Null, Schema.Boolean])))
    })
  ).check(Schema.isMinLength(6), Schema.isMaxLength(14)),
  edges: Schema.Array(
    Schema.Struct({
      class: Schema.Literals(["holds", "likes", "near"]),
      from: Below(20),
      to: Below(20),
      slug: Schema.optionalKey(Schema.Literals(["x", "y"])),
      why: Schema.optionalKey(Schema.String)
    })
  ).check(Schema.isMinLength(4), Schema.isMaxLength(14))
})

/** Makes it, and gives what could be made as files. */
const made = Effect.fnUntraced(function* ({ edges, nodes }: typeof Shape.Type) {
  yield* install(bundleOf(schema))
  const paths = ["/top"]
  yield* create("/top")
  for (const [n, { count, holds, list, parent, slug, text }] of nodes.entries()) {
    const path = `${paths[parent % paths.length]}/${slug}${n}`
    const target = paths[(holds ?? 0) % paths.length]
    const one =
      holds === null
        ? create(path, { class: R.Item.ref, props: { text, count, list } })
        : create(path, { class: R.Holder.ref, links: [{ edgeClass: R.holds.ref, target }] })
    if (yield* Effect.isSuccess(one)) paths.push(path)
  }
  for (const { class: of, from, slug, to, why } of edges) {
    const params = {
      edgeClass: R[of].ref,
      target: paths[to % paths.length],
      ...(slug === undefined ? {} : { slug }),
      ...(of === "likes" && why !== undefined ? { props: { why } } : {})
    }
    yield* Effect.ignore(call(`${paths[from % paths.length]}::link`, params))
  }
  return { lines: yield* exported({ under: "/top" }), table: yield* exported(items) }
})

const items = { format: "csv", class: R.Item.ref } as const

/** Symmetric edges are kept from whichever end was made first. */
const oriented = (row: Record<string, unknown>) =>
  row.class === R.near.ref ? { ...row, ...ends([String(row.source), String(row.target)]) } : row
const ends = (both: Array<string>) => {
  const [source, target] = both.sort()
  return { source, target }
}

/** What a file says, whichever order edges and nodes that wait for others are in. */
const said = (file: string) =>
  rowsOf(file)
    .map(essence)
    .flatMap(({ links = [], ...row }) => [
      row,
      ...(links as ReadonlyArray<{ edgeClass: string; target: string }>).map(({ edgeClass, ...link }) => ({
        class: edgeClass,
        source: row.path,
        ...link
      }))
    ])
    .map((row) => JSON.stringify(oriented(row), (_, value) => (isRecord(value) ? sorted(value) : value)))
    .sort()

const isRecord = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const sorted = (value: object) => Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))

it.effect.prop(
  "files of any graph make the same graph in another instance",
  [Shape],
  ([shape]) =>
    Effect.gen(function* () {
      const before = yield* onKernel(made(shape))
      const [after, wrong, table] = yield* onKernel(
        Effect.gen(function* () {
          yield* install(bundleOf(schema))
          yield* imported(before.lines, { whole: true })
          return [yield* exported({ under: "/top" }), yield* violations, yield* exported(items)] as const
        })
      )
      expect(said(after)).toEqual(said(before.lines))
      expect(wrong).toEqual([])
      // Without ids, which are new.
      const cells = (text: string) => text.split("\r\n").map((line) => line.replace(/,[0-9a-f-]{36},/, ",,"))
      expect(cells(table)).toEqual(cells(before.table))
    }),
  { arbitrary: { runs: 5 }, timeout: 300_000 }
)
