import { describe, expect, it } from "@effect/vitest"
import { contractId, defineSchema, edgeClass, K, KernelSchema, nodeClass, nodeInterface } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type InstallBundle, type Kernel, SchemaInstaller } from "../../src/index.ts"
import { bundleOf } from "../support/crm.ts"
import { violations } from "../support/integrity.ts"
import { call, create, digest, get, install, onKernel } from "../support/kernel.ts"

const origin = "shop.example.dev"
const ref = (name: string) => `${origin}:class.${name}`
const keyOf = (name: string) => `${ref("Item")}.property.${name}`
const planOf = (bundle: InstallBundle) => Effect.flatMap(SchemaInstaller, (installer) => installer.plan(bundle))

type ItemOptions = NonNullable<Parameters<typeof nodeClass>[0]>
type LinkOptions = NonNullable<Parameters<typeof edgeClass>[2]> & {
  readonly most?: "0..1" | "0..*" | "1..*"
  readonly to?: "Box"
}

const Box = nodeClass({})
/** Items with edges between them, of one kind or another. */
const shop = (item: ItemOptions, { most = "0..*", to, ...link }: LinkOptions = {}) => {
  const Item = nodeClass(item)
  const near = edgeClass(
    { as: "one", types: [Item], cardinality: most },
    { as: "other", types: to === undefined ? [Item, Box] : [Box] },
    link
  )
  return bundleOf(defineSchema(origin, { classes: { Item, Box, near }, imports: [KernelSchema] }))
}

const item = (path: string, props: object = {}) => create(path, { class: ref("Item"), props })
const near = (from: string, to: string, slug?: string) =>
  call(`${from}::link`, { edgeClass: ref("near"), target: to, ...(slug === undefined ? {} : { slug }) })

const props = { size: Schema.String, note: Schema.optionalKey(Schema.String) }
const first = shop({ props, implements: [KernelSchema.interfaces.Container] })

interface Case {
  readonly name: string
  readonly next: InstallBundle
  readonly found: readonly [subject: string, reason: string, count: number, examples: ReadonlyArray<string>]
  /** What mends it. */
  readonly mend: Effect.Effect<unknown, unknown, Kernel>
}

const held = { implements: [KernelSchema.interfaces.Container] }
const cases: ReadonlyArray<Case> = [
  {
    name: "a property that became required, and is missing",
    next: shop({ ...held, props: { ...props, note: Schema.String } }),
    found: ["class.Item.property.note", "is required, and not there", 2, ["/b", "/c"]],
    mend: Effect.forEach(["/b", "/c"], (path) => call(`${path}::update`, { props: { note: "there" } }))
  },
  {
    name: "a new property that is required and has no default",
    next: shop({ ...held, props: { ...props, more: Schema.String } }),
    found: ["class.Item.property.more", "is required, and not there", 3, ["/a", "/b", "/c"]],
    mend: Effect.forEach(["/c", "/b", "/a"], (path) => call(`${path}::delete`, { recursive: true }))
  },
  {
    name: "a property that takes less than is stored",
    next: shop({ ...held, props: { ...props, size: Schema.Literals(["s", "m"]) } }),
    found: ["class.Item.property.size", "does not take the value that is there", 1, ["/c"]],
    mend: call("/c::update", { props: { size: "m" } })
  },
  {
    name: "a list that became unique, and has twins",
    next: shop({ ...held, props, unique: [["size"]] }),
    found: ["class.Item", "is to be unique by size, and another has the same", 1, ["/b"]],
    mend: call("/b::update", { props: { size: "m" } })
  },
  {
    name: "a class that may hold no children any more, and does",
    next: shop({ props }),
    found: ["class.Item", "holds children", 1, ["/c"]],
    mend: call("/c/in::delete")
  },
  {
    name: "more edges than a node may have",
    next: shop({ ...held, props }, { most: "0..1" }),
    found: ["class.near", "a one has at most 1 of them", 2, ["/a", "/b"]],
    mend: Effect.andThen(
      call("/a::unlink", { edgeClass: ref("near"), target: "/a" }),
      call("/b::unlink", { edgeClass: ref("near"), target: "/a", slug: "again" })
    )
  },
  {
    name: "a node without the edge that it has to have",
    next: shop({ ...held, props }, { most: "1..*" }),
    found: ["class.near", "a one has at least 1 of them", 1, ["/c"]],
    mend: near("/c", "/a")
  },
  {
    name: "an edge from a node to itself",
    next: shop({ ...held, props }, { noSelf: true }),
    found: ["class.near", "does not go from a node to itself", 1, ["/a"]],
    mend: call("/a::unlink", { edgeClass: ref("near"), target: "/a" })
  },
  {
    name: "a cycle of edges",
    next: shop({ ...held, props }, { acyclic: true }),
    found: ["class.near", "allows no cycles", 2, ["/a", "/b"]],
    mend: Effect.andThen(
      call("/a::unlink", { edgeClass: ref("near"), target: "/a" }),
      call("/a::unlink", { edgeClass: ref("near"), target: "/b" })
    )
  },
  {
    name: "two edges between the same nodes",
    next: shop({ ...held, props }, { unique: true }),
    found: ["class.near", "is there at most once between two nodes", 1, ["/b"]],
    mend: call("/b::unlink", { edgeClass: ref("near"), target: "/a", slug: "again" })
  },
  {
    name: "edges both ways of what means the same both ways",
    next: shop({ ...held, props }, { symmetric: true }),
    found: ["class.near", "means the same both ways, and there are both", 1, ["/a"]],
    mend: call("/a::unlink", { edgeClass: ref("near"), target: "/b" })
  },
  {
    name: "an edge to a class that it takes no more",
    next: shop({ ...held, props }, { to: "Box" }),
    found: ["class.near", "does not take the other that is there", 4, ["/a", "/b"]],
    mend: Effect.forEach(["/b", "/a"], (path) => call(`${path}::delete`, { recursive: true }))
  }
]

/** Three items: /a leads to itself and to /b, which leads back to it twice; /c holds a box. */
const stored = Effect.gen(function* () {
  yield* install(first)
  yield* item("/a", { size: "s", note: "there" })
  yield* item("/b", { size: "s" })
  yield* item("/c", { size: "huge" })
  yield* create("/c/in", { class: ref("Box") })
  yield* near("/a", "/a")
  yield* near("/a", "/b")
  yield* near("/b", "/a")
  yield* near("/b", "/a", "again")
  // What is in the trash is in nobody's way.
  yield* item("/gone", { size: "huge" })
  yield* near("/gone", "/gone")
  yield* call("/gone::delete")
})

describe("an install is refused, whatever is accepted, while there is", () => {
  it.effect("something stored that would not fit, with how much there is and where", () =>
    onKernel(
      Effect.gen(function* () {
        yield* stored
        const before = yield* digest
        for (const { found, name, next } of cases) {
          const [subject, reason, count, paths] = found
          const { violations: planned } = yield* planOf(next)
          const ours = planned.filter((each) => each.subject === subject && each.reason === reason)
          const told = ours.map(({ count, examples }) => [name, count, examples.map(({ path }) => path)])
          expect(told).toEqual([[name, count, paths]])
          const error = yield* Effect.flip(install(next, { breaking: "accept" }))
          expect(error).toMatchObject({ code: "SCHEMA_CONFLICT", details: { violations: planned } })
          expect(error.message).toContain(`${subject} ${reason}: ${count} time`)
          expect([name, yield* digest]).toEqual([name, before])
        }
      })
    )
  )

  // What mends it and what comes of that is the same on each database, and takes a kernel for each.
  for (const { mend, name, next } of process.env.PORTICO_TEST_DATABASE === "postgres" ? [] : cases) {
    it.effect(name, () =>
      onKernel(
        Effect.gen(function* () {
          yield* stored
          yield* Effect.flip(install(next, { breaking: "accept" }))
          yield* mend
          expect((yield* planOf(next)).violations).toEqual([])
          yield* install(next, { breaking: "accept" })
          expect(yield* violations).toEqual([])
        })
      )
    )
  }

  it.effect("an edge whose end is no longer what the edge asks for, of this domain or another", () =>
    onKernel(
      Effect.gen(function* () {
        const Named = nodeInterface({})
        const base = defineSchema(origin, {
          interfaces: { Named },
          classes: { Item: nodeClass({ implements: [Named] }) }
        })
        yield* install(bundleOf(base))
        const Tag = nodeClass({})
        const tagged = edgeClass({ as: "tag", types: [Tag] }, { as: "named", types: [base.interfaces.Named] })
        yield* install(bundleOf(defineSchema("tag.example.dev", { classes: { Tag, tagged }, imports: [base] })))
        yield* item("/i")
        yield* create("/t", { class: "tag.example.dev:class.Tag" })
        yield* call("/t::link", { edgeClass: "tag.example.dev:class.tagged", target: "/i" })
        const next = bundleOf(defineSchema(origin, { interfaces: { Named }, classes: { Item: nodeClass({}) } }))
        expect((yield* planOf(next)).violations).toMatchObject([
          {
            subject: "class.tagged",
            reason: "does not take the named that is there",
            count: 1,
            examples: [{ path: "/t" }]
          }
        ])
        expect((yield* Effect.flip(install(next, { breaking: "accept" }))).code).toBe("SCHEMA_CONFLICT")
      })
    )
  )
})

describe("what is in the trash is in nobody's way, and does not come back where it does not fit:", () => {
  const less = shop({ ...held, props: { ...props, size: Schema.Literals(["s", "m"]) } })

  it.effect("a node, unless an older version is put back", () =>
    onKernel(
      Effect.gen(function* () {
        yield* stored
        yield* call("/c::update", { props: { size: "m" } })
        const { deleted } = yield* call(K.Node.listTrash.path)
        yield* install(less, { breaking: "accept" })
        expect(yield* Effect.flip(call(`@${deleted[0].id}::restore`))).toMatchObject({ code: "SCHEMA_CONFLICT" })
        expect((yield* call(K.Node.listTrash.path)).deleted).toEqual(deleted)
        yield* install(first, { breaking: "accept" })
        yield* call(`@${deleted[0].id}::restore`)
        expect((yield* get("/gone")).props).toEqual({ [keyOf("size")]: "huge" })
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("an edge", () =>
    onKernel(
      Effect.gen(function* () {
        yield* stored
        yield* call("/a::unlink", { edgeClass: ref("near"), target: "/a" })
        const { deleted } = yield* call(K.Node.listTrash.path)
        yield* install(shop({ ...held, props }, { noSelf: true }), { breaking: "accept" })
        expect(yield* Effect.flip(call(`@${deleted[0].id}::restore`))).toMatchObject({ code: "CONSTRAINT_VIOLATED" })
        yield* install(first)
        yield* call(`@${deleted[0].id}::restore`)
        expect(yield* violations).toEqual([])
      })
    )
  )
})

describe("a property that is removed", () => {
  it.effect("takes its values along, which the history keeps", () =>
    onKernel(
      Effect.gen(function* () {
        yield* stored
        const without = shop({ ...held, props: { size: Schema.String } })
        expect((yield* Effect.flip(install(without))).code).toBe("SCHEMA_CONFLICT")
        const rev = (yield* get("/b")).rev
        yield* install(without, { breaking: "accept" })
        expect((yield* get("/a")).props).toEqual({ [keyOf("size")]: "s" })
        expect((yield* get("/b")).rev).toBe(rev)
        const { changes } = yield* call("/a::history", { limit: 1 })
        expect(changes).toMatchObject([
          { op: "update", actor: null, allowedBy: "system", changed: { [keyOf("note")]: { before: "there" } } }
        ])
        // A property of that name that comes later begins with nothing.
        yield* install(shop({ ...held, props: { size: Schema.String, note: Schema.optionalKey(Schema.Int) } }))
        yield* call("/a::update", { props: { note: 1 } })
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("is left out when a node is put back to a commit that had it", () =>
    onKernel(
      Effect.gen(function* () {
        yield* stored
        const { seq } = (yield* call("/a::history", { limit: 1 })).changes[0]
        yield* call("/a::update", { props: { size: "m" } })
        yield* install(shop({ ...held, props: { size: Schema.String } }), { breaking: "accept" })
        yield* call("/a::restore", { seq })
        expect((yield* get("/a")).props).toEqual({ [keyOf("size")]: "s" })
      })
    )
  )

  it.effect("of an edge class or an interface goes as well, wherever it was stored", () =>
    onKernel(
      Effect.gen(function* () {
        const make = (old: boolean) => {
          const Sized = nodeInterface({ props: old ? { size: Schema.String } : {} })
          const Item = nodeClass({ implements: [Sized] })
          const near = edgeClass(
            { as: "one", types: [Item] },
            { as: "other", types: [Item] },
            { props: old ? { far: Schema.String } : {} }
          )
          return defineSchema(origin, { interfaces: { Sized }, classes: { Item, near } })
        }
        const old = make(true)
        yield* install(bundleOf(old))
        const other = defineSchema("other.example.dev", {
          classes: { Thing: nodeClass({ implements: [old.interfaces.Sized] }) },
          imports: [old]
        })
        yield* install(bundleOf(other))
        yield* item("/i", { size: "s" })
        yield* create("/t", { class: "other.example.dev:class.Thing", props: { size: "m" } })
        yield* call("/i::link", { edgeClass: ref("near"), target: "/i", props: { far: "no" } })
        yield* install(bundleOf(make(false)), { breaking: "accept" })
        expect([(yield* get("/i")).props, (yield* get("/t")).props]).toEqual([{}, {}])
        const { edges } = yield* call("/i::getLinks", { edgeClass: ref("near") })
        expect(edges).toMatchObject([{ props: {} }])
        const { changes } = yield* call("/i::history", { limit: 2 })
        const far = `${ref("near")}.property.far`
        expect(changes).toMatchObject([{ op: "updateLink", changed: { [far]: { before: "no" } } }, { op: "update" }])
        expect(yield* violations).toEqual([])
      })
    )
  )
})

it.effect("a default that an install fills in is found by its words, also in what was read before", () =>
  onKernel(
    Effect.gen(function* () {
      yield* install(first)
      yield* item("/a", { size: "s" })
      yield* get("/a")
      const contract = structuredClone(first.contract)
      const note = { ...contract.classes.Item?.props.note, required: true, default: "needle" }
      // Boundary: a copy with one property changed.
      const changed = {
        ...contract,
        classes: {
          ...contract.classes,
          Item: { ...contract.classes.Item, props: { ...contract.classes.Item?.props, note } }
        }
      } as typeof contract
      yield* install({ ...first, contract: changed, contractId: contractId(changed) })
      const { nodes, start } = yield* call("/:kernel.portico.dev:interface.Node:query", { start: { search: "needle" } })
      expect(start.nodes.map((id: string) => nodes[id].path)).toEqual(["/a"])
    })
  )
)

/** A version of a class whose property, which is unique and need not be there, has to be there and has a default. */
const filledIn = (bundle: typeof unfilled) => {
  const contract = structuredClone(bundle.contract)
  const { Thing } = contract.classes
  const a = { ...Thing?.props.a, required: true, default: "same" }
  // Boundary: a copy with one property changed.
  const changed = { ...contract, classes: { Thing: { ...Thing, props: { a } } } } as typeof contract
  return { ...bundle, contract: changed, contractId: contractId(changed) }
}
const unfilled = bundleOf(
  defineSchema("filled.example.dev", {
    classes: { Thing: nodeClass({ props: { a: Schema.optionalKey(Schema.String) }, unique: [["a"]] }) }
  })
)

it.effect("a default that an install fills into a unique property is unique, too, or keeps the version out", () =>
  onKernel(
    Effect.gen(function* () {
      yield* install(unfilled)
      const thing = (path: string) => create(path, { class: "filled.example.dev:class.Thing" })
      yield* thing("/x")
      yield* thing("/y")
      const before = yield* digest
      const next = filledIn(unfilled)
      const plan = yield* Effect.flatMap(SchemaInstaller, (installer) => installer.plan(next))
      expect(plan.violations).toMatchObject([{ subject: "class.Thing", count: 1 }])
      expect((yield* Effect.flip(install(next))).code).toBe("SCHEMA_CONFLICT")
      expect(yield* digest).toBe(before)
      yield* call("/y::delete")
      yield* install(next)
      expect((yield* Effect.flip(thing("/z"))).code).toBe("CONSTRAINT_VIOLATED")
      expect((yield* Effect.flip(call("/y::restore"))).code).toBe("CONSTRAINT_VIOLATED")
      expect(yield* violations).toEqual([])
    })
  )
)
