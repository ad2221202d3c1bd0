import { describe, expect, it } from "@effect/vitest"
import { defineSchema, edgeClass, fn, K, KernelSchema, nodeClass, nodeInterface } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type InstallPolicy, SchemaInstaller } from "../../src/index.ts"
import { bundleOf } from "../support/crm.ts"
import { violations } from "../support/integrity.ts"
import { call, create, get, install, onKernel, refused } from "../support/kernel.ts"

const origin = "shop.example.dev"
const Coded = nodeInterface({ props: { code: Schema.String }, methods: { print: fn({ returns: Schema.String }) } })
const Item = nodeClass({ implements: [Coded] })
const Box = nodeClass({
  implements: [Coded, KernelSchema.interfaces.Container],
  props: { size: Schema.String },
  unique: [["code"]],
  indexes: [["size"]],
  methods: { open: fn({ returns: Schema.String }) }
})
const near = edgeClass({ as: "one", types: [Coded] }, { as: "other", types: [Coded] }, { props: { far: Schema.Int } })
const beside = edgeClass({ as: "one", types: [Coded] }, { as: "other", types: [Coded] })
const version = (classes: object, interfaces: object = { Coded }) =>
  bundleOf(defineSchema(origin, { interfaces, classes, imports: [KernelSchema] } as Parameters<typeof defineSchema>[1]))
const first = version({ Item, Box, near, beside })
const less = version({ Item, beside })
const none = version({ Other: nodeClass({}) }, {})

const keep = (...names: ReadonlyArray<string>): InstallPolicy => ({
  breaking: "accept",
  orphans: Object.fromEntries(names.map((name) => [name, "keep"]))
})
const ref = (name: string) => `${origin}:class.${name}`
const box = (path: string, code: string) => create(path, { class: ref("Box"), props: { code, size: "s" } })
const planned = (bundle: typeof first) => Effect.flatMap(SchemaInstaller, (installer) => installer.plan(bundle))
const code = (path: string, params?: unknown) => Effect.map(refused(path, params), (error) => error.code)

const stored = Effect.gen(function* () {
  yield* install(first)
  yield* create("/item", { class: ref("Item"), props: { code: "i" } })
  yield* box("/box", "one")
  yield* box("/box/inner", "two")
  yield* create("/box/folder")
  yield* call("/item::link", { edgeClass: ref("near"), target: "/box", props: { far: 7 } })
  yield* call("/item::link", { edgeClass: ref("beside"), target: "/box" })
})

describe("what a removed class leaves behind and a policy keeps", () => {
  it.effect("can be found, read, moved, deleted and restored, and not be made or changed", () =>
    onKernel(
      Effect.gen(function* () {
        yield* stored
        expect((yield* Effect.flip(install(less, keep("Box")))).code).toBe("SCHEMA_IN_USE")
        yield* install(less, keep("Box", "class.near"))
        expect(yield* violations).toEqual([])
        expect(yield* get("/box")).toMatchObject({ class: ref("Box"), props: { [`${ref("Box")}.property.size`]: "s" } })
        const found = yield* call(K.Node.query.path, { start: { class: ref("Box"), where: { size: { eq: "s" } } } })
        expect(Object.values(found.nodes)).toHaveLength(2)
        const coded = yield* call("/::listChildren", { class: `${origin}:interface.Coded` })
        expect(coded.nodes.map(({ path }: { path: string }) => path)).toEqual(["/box", "/item"])
        const link = { edgeClass: ref("near"), target: "/box" }
        expect((yield* call("/item::getLink", link)).props).toEqual({ [`${ref("near")}.property.far`]: 7 })
        expect(yield* code("/box::update", { props: { size: "m" } })).toBe("SCHEMA_CONFLICT")
        expect(yield* code("/item::updateLink", { ...link, props: { far: 8 } })).toBe("SCHEMA_CONFLICT")
        expect(yield* code("/item::link", { ...link, target: "/box/inner" })).toBe("CLASS_NOT_FOUND")
        expect(yield* code(K.Node.createNode.path, { class: ref("Box"), path: "/new" })).toBe("CLASS_NOT_FOUND")
        for (const method of ["open", "print"]) expect(yield* code(`/box::${method}`)).toBe("METHOD_NOT_FOUND")
        yield* create("/box/more")
        yield* call("/box/inner::move", { to: "/" })
        const { id } = yield* get("/inner")
        yield* call("/inner::delete")
        yield* call(`@${id}::restore`)
        yield* call("/item::unlink", link)
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("stays so with every version, keeps the domain from going, and comes back to life with the class", () =>
    onKernel(
      Effect.gen(function* () {
        yield* stored
        const before = yield* get(`/:${ref("Box")}`)
        yield* install(less, keep("Box", "near"))
        const kept = [
          { subject: "class.Box", count: 2 },
          { subject: "class.near", count: 1 }
        ]
        expect(yield* planned(less)).toMatchObject({ removed: [], orphaned: [], breaking: [], violations: [], kept })
        yield* install(version({ Item, beside, More: nodeClass({}) }))
        const installer = yield* SchemaInstaller
        const inUse = yield* Effect.flip(installer.uninstall(origin))
        expect([inUse.code, inUse.details?.orphaned]).toEqual([
          "SCHEMA_IN_USE",
          expect.arrayContaining([...kept, { subject: "class.Item", count: 1 }])
        ])
        const Stricter = nodeClass({
          implements: [Coded, KernelSchema.interfaces.Container],
          props: { size: Schema.Int }
        })
        const misfit = yield* planned(version({ Item, Box: Stricter, near, beside }))
        expect(misfit.violations).toMatchObject([{ subject: "class.Box.property.size", count: 2 }])
        expect(yield* planned(version({ Item, Box, near, beside, More: nodeClass({}) }))).toMatchObject({
          kept: [],
          breaking: [],
          violations: []
        })
        yield* install(first, { breaking: "accept" })
        expect((yield* get(`/:${ref("Box")}`)).id).toBe(before.id)
        yield* call("/box::update", { props: { size: "m" } })
        yield* box("/box/new", "three")
        expect(
          yield* code(K.Node.createNode.path, { class: ref("Box"), path: "/x", props: { code: "two", size: "s" } })
        ).toBe("CONSTRAINT_VIOLATED")
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("takes over what it had of an interface that goes with it, and is let go of with the last", () =>
    onKernel(
      Effect.gen(function* () {
        yield* stored
        yield* install(none, keep("Box", "near", "Item", "beside"))
        expect(yield* violations).toEqual([])
        expect((yield* get("/box")).props).toMatchObject({ [`${origin}:interface.Coded.property.code`]: "one" })
        yield* call("/item::unlink", { edgeClass: ref("near"), target: "/box" })
        yield* install(none, { orphans: { Item: "delete", beside: "delete" } })
        expect((yield* planned(none)).kept).toEqual([{ subject: "class.Box", count: 2 }])
        expect(yield* code(`/:${ref("near")}::get`)).toBe("NOT_FOUND")
        yield* install(first, { breaking: "accept" })
        expect(yield* get("/box")).toMatchObject({ props: { [`${origin}:interface.Coded.property.code`]: "one" } })
        yield* call("/box::update", { props: { code: "new" } })
        expect(yield* violations).toEqual([])
        yield* install(none, keep("Box"))
        yield* call("/box::delete", { recursive: true })
        yield* install(none)
        expect(yield* code(`/:${ref("Box")}::get`)).toBe("NOT_FOUND")
        expect(yield* violations).toEqual([])
      })
    )
  )
})
