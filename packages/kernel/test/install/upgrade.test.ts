import { describe, expect, it } from "@effect/vitest"
import {
  contractId,
  type DomainContract,
  defineSchema,
  edgeClass,
  fn,
  KernelSchema,
  nodeClass,
  nodeInterface
} from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type InstallBundle, SchemaInstaller } from "../../src/index.ts"
import { bundleOf } from "../support/crm.ts"
import { call, create, digest, get, install, onKernel } from "../support/kernel.ts"

type Props = Parameters<typeof nodeClass>[0] extends infer O ? NonNullable<O> : never

const shop = (product: Props, more: Partial<Parameters<typeof defineSchema>[1]> = {}) =>
  defineSchema("shop.example.dev", { classes: { Product: nodeClass(product) }, imports: [KernelSchema], ...more })

const v1 = shop({ props: { title: Schema.String, note: Schema.optionalKey(Schema.String) } })
const title = "shop.example.dev:class.Product.property.title"
const noteKey = "shop.example.dev:class.Product.property.note"
const product = (path: string, props: object = {}) =>
  create(path, { class: "shop.example.dev:class.Product", props: { title: path, ...props } })

const planOf = (bundle: InstallBundle) => Effect.flatMap(SchemaInstaller, (installer) => installer.plan(bundle))

describe("a new version", () => {
  it.effect("that only adds is installed, ids and data staying", () =>
    onKernel(
      Effect.gen(function* () {
        const { domainId } = yield* install(bundleOf(v1))
        yield* product("/p")
        const before = yield* get("/:shop.example.dev:class.Product")
        const v2 = shop(
          {
            props: {
              title: Schema.String,
              note: Schema.optionalKey(Schema.String),
              price: Schema.optionalKey(Schema.Int)
            },
            methods: { discount: fn({ returns: Schema.Int }) }
          },
          { functions: { seed: fn({}) } }
        )
        const plan = yield* planOf(bundleOf(v2))
        expect(plan).toMatchObject({
          installed: v1.contractId,
          added: ["class.Product.property.price", "class.Product:discount", "function.seed"],
          changed: [],
          removed: [],
          breaking: [],
          missing: []
        })
        expect((yield* install(bundleOf(v2))).domainId).toBe(domainId)
        expect((yield* get("/:shop.example.dev:class.Product")).id).toBe(before.id)
        yield* call("/p::update", { props: { price: 3 } })
        expect((yield* get("/p")).props[title]).toBe("/p")
      })
    )
  )

  it.effect("that takes less, asks more or removes is refused, saying what it breaks, unless that is accepted", () =>
    onKernel(
      Effect.gen(function* () {
        type Options = { note?: boolean; size: Schema.Top; min: boolean; role: boolean; items: typeof Schema.Json }
        const full = (options: Options) =>
          shop(
            {
              props: {
                title: Schema.String,
                ...(options.note ? { note: Schema.optionalKey(Schema.String) } : {}),
                size: options.size as typeof Schema.String,
                ...(options.min ? { must: Schema.String } : {})
              },
              methods: {
                order: fn({
                  params: { count: Schema.Int, ...(options.role ? { role: Schema.String } : {}) },
                  returns: Schema.String
                }),
                stock: fn({ input: "stream", takes: options.items })
              }
            },
            { functions: options.note ? { seed: fn({}) } : {} }
          )
        yield* install(bundleOf(full({ note: true, size: Schema.String, min: false, role: false, items: Schema.Json })))
        const next = bundleOf(full({ size: Schema.Int, min: true, role: true, items: Schema.Int as never }))
        const before = yield* digest
        const plan = yield* planOf(next)
        expect(plan.breaking).toEqual([
          { subject: "class.Product.property.note", reason: "was removed" },
          { subject: "function.seed", reason: "was removed" },
          { subject: "class.Product.property.must", reason: expect.stringContaining("without a default") },
          { subject: "class.Product.property.size", reason: "no longer takes every value that is stored" },
          { subject: "class.Product:order", reason: "no longer takes every params that it took" },
          { subject: "class.Product:stock", reason: "no longer reads every item that it read" }
        ])
        expect(yield* Effect.flip(install(next))).toMatchObject({
          code: "SCHEMA_CONFLICT",
          details: { breaking: plan.breaking }
        })
        expect(yield* digest).toBe(before)
        yield* install(next, { breaking: "accept" })
        expect((yield* planOf(next)).unchanged).toBe(true)
      })
    )
  )

  it.effect("that removes a class in use is refused, also if breaking changes are accepted (abuse 34)", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundleOf(v1))
        yield* product("/p")
        const without = bundleOf(defineSchema("shop.example.dev", { classes: { Other: nodeClass({}) } }))
        const before = yield* digest
        expect((yield* planOf(without)).orphaned).toEqual([{ subject: "class.Product", count: 1 }])
        expect(yield* Effect.flip(install(without, { breaking: "accept" }))).toMatchObject({ code: "SCHEMA_IN_USE" })
        expect(yield* digest).toBe(before)
        yield* call("/p::delete")
        expect((yield* Effect.flip(install(without))).code).toBe("SCHEMA_CONFLICT")
        yield* install(without, { breaking: "accept" })
      })
    )
  )

  it.effect("that removes an edge class in use, or a member that others import, is refused", () =>
    onKernel(
      Effect.gen(function* () {
        const A = nodeClass({})
        const to = edgeClass({ as: "from", types: [A] }, { as: "to", types: [A] })
        const Item = nodeInterface({})
        const first = defineSchema("base.example.dev", { interfaces: { Item }, classes: { A, to } })
        yield* install(bundleOf(first))
        yield* create("/a", { class: "base.example.dev:class.A" })
        yield* create("/b", { class: "base.example.dev:class.A" })
        yield* call("/a::link", { edgeClass: "base.example.dev:class.to", target: "/b" })
        const withoutEdge = bundleOf(defineSchema("base.example.dev", { interfaces: { Item }, classes: { A } }))
        expect(yield* Effect.flip(install(withoutEdge, { breaking: "accept" }))).toMatchObject({
          code: "SCHEMA_IN_USE",
          details: { orphaned: [{ subject: "class.to", count: 1 }] }
        })
        const user = defineSchema("user.example.dev", {
          classes: { Thing: nodeClass({ implements: [first.interfaces.Item] }) },
          imports: [first]
        })
        yield* install(bundleOf(user))
        const withoutItem = bundleOf(defineSchema("base.example.dev", { classes: { A, to } }))
        expect(yield* Effect.flip(install(withoutItem, { breaking: "accept" }))).toMatchObject({
          code: "SCHEMA_IN_USE",
          details: { dependents: [{ origin: "user.example.dev", uses: ["interface.Item"] }] }
        })
      })
    )
  )

  it.effect("gives stored nodes the default of a property that became required", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundleOf(v1))
        const { rev } = yield* product("/p")
        const q = yield* product("/q", { note: "kept" })
        yield* get("/p")
        const contract = structuredClone(v1.contract)
        const note = { ...contract.classes.Product?.props.note, required: true, default: "none" }
        const props = { ...contract.classes.Product?.props, note }
        // Boundary: a copy with one property changed.
        const changed = { ...contract, classes: { Product: { ...contract.classes.Product, props } } } as DomainContract
        const bundle = { ...bundleOf(v1), contract: changed, contractId: contractId(changed) }
        expect((yield* planOf(bundle)).breaking).toEqual([])
        yield* install(bundle)
        expect((yield* get("/p")).props).toEqual({ [title]: "/p", [noteKey]: "none" })
        expect((yield* get("/p")).rev).toBeGreaterThan(rev)
        expect(yield* get("/q")).toMatchObject({ rev: q.rev, props: { [noteKey]: "kept" } })
      })
    )
  )

  it.effect("with a new unique list is checked against what is stored, and refused whole where that has twins", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundleOf(v1))
        yield* product("/p", { title: "same" })
        yield* product("/q", { title: "same" })
        const v2 = shop({
          props: { title: Schema.String, note: Schema.optionalKey(Schema.String) },
          unique: [["title"]]
        })
        const before = yield* digest
        expect((yield* Effect.flip(install(bundleOf(v2)))).code).toBe("SCHEMA_CONFLICT")
        expect(yield* digest).toBe(before)
        yield* call("/q::update", { props: { title: "other" } })
        yield* install(bundleOf(v2))
        expect((yield* Effect.flip(product("/r", { title: "same" }))).code).toBe("CONSTRAINT_VIOLATED")
      })
    )
  )
})
