import { describe, expect, it } from "@effect/vitest"
import { defineSchema, K, nodeClass, nodeInterface } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Kernel, SchemaInstaller } from "../../src/index.ts"
import { bundleOf } from "../support/crm.ts"
import { violations } from "../support/integrity.ts"
import { call, create, digest, get, grant, install, onKernel, user } from "../support/kernel.ts"
import { first, ofFirst, ofSecond, second } from "../support/renamed.ts"

const seq = Effect.flatMap(Kernel, (kernel) => kernel.seq)
const planOf = (...args: Parameters<typeof bundleOf>) =>
  Effect.flatMap(SchemaInstaller, (installer) => installer.plan(bundleOf(...args)))

const ada = { [ofFirst.mail]: "ada@example.dev", [ofFirst.cost]: 3 }

/** Two people of the first version, one of whom met the other, and one in the trash. */
const people = Effect.gen(function* () {
  yield* install(bundleOf(first))
  yield* create("/people")
  yield* create("/people/ada", { class: ofFirst.Person, props: { mail: "old@example.dev", cost: 3 } })
  yield* create("/people/ben", { class: ofFirst.Person, props: { mail: "ben@needle.dev", cost: 4 } })
  yield* create("/people/eve", { class: ofFirst.Person, props: { mail: "eve@example.dev", cost: 5 } })
  yield* call("/people/ada::link", { edgeClass: ofFirst.met, target: "/people/ben", props: { at: "noon" } })
  const then = yield* seq
  yield* call("/people/ada::update", { props: { mail: "ada@example.dev" } })
  yield* call("/people/eve::delete")
  return then
})

describe("a version that renames", () => {
  it.effect("keeps what is stored, under the new names", () =>
    onKernel(
      Effect.gen(function* () {
        yield* people
        const before = yield* get("/people/ada")
        expect(before.props).toEqual(ada)
        const plan = yield* planOf(second)
        expect(plan).toMatchObject({ added: [], removed: [], changed: [], breaking: [], orphaned: [], violations: [] })
        expect(plan.renamed.map(({ from, to }) => `${from} > ${to}`)).toEqual([
          "interface.Costly > interface.Priced",
          "class.Person > class.Contact",
          "class.met > class.knows",
          "interface.Costly.property.cost > interface.Priced.property.price",
          "class.Person.property.mail > class.Contact.property.name",
          "class.Person:hello > class.Contact:greet",
          "class.met.property.at > class.knows.property.since",
          "function.fill > function.seed",
          "view.face > view.card"
        ])
        yield* install(bundleOf(second))
        const after = yield* get("/people/ada")
        expect(after).toMatchObject({ id: before.id, class: ofSecond.Contact })
        expect(after.props).toEqual({ [ofSecond.name]: "ada@example.dev", [ofSecond.price]: 3 })
        expect(after.rev).toBeGreaterThan(before.rev)
        const { edges } = yield* call("/people/ada::getLinks", { edgeClass: ofSecond.knows })
        expect(edges).toMatchObject([{ class: ofSecond.knows, props: { [ofSecond.since]: "noon" } }])
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("keeps the ids of the schema, and with them grants", () =>
    onKernel(
      Effect.gen(function* () {
        yield* people
        const { as, path } = yield* user("lin")
        yield* grant(path, "/:people.example.dev:class.Person", ["SHARE"])
        yield* grant(path, "/:people.example.dev:function.fill", ["EDIT"])
        const ids = yield* Effect.forEach(
          ["class.Person", "class.Person/hello", "core/functions/fill", "core/views/face", "interface.Costly"],
          (at) => Effect.map(get(`/people.example.dev/${at}`), ({ id }) => id)
        )
        yield* install(bundleOf(second))
        const now = yield* Effect.forEach(
          ["class.Contact", "class.Contact/greet", "core/functions/seed", "core/views/card", "interface.Priced"],
          (at) => Effect.map(get(`/people.example.dev/${at}`), ({ id }) => id)
        )
        expect(now).toEqual(ids)
        const kernel = yield* Kernel
        expect(yield* kernel.mask(as, "/:people.example.dev:class.Contact")).toBe(13)
        expect(yield* kernel.mask(as, "/:people.example.dev:function.seed")).toBe(7)
      })
    )
  )

  it.effect("keeps unique values, indexes, words, and what is in the trash", () =>
    onKernel(
      Effect.gen(function* () {
        yield* people
        yield* install(bundleOf(second))
        const twin = create("/people/twin", { class: ofSecond.Contact, props: { name: "ben@needle.dev", price: 1 } })
        expect((yield* Effect.flip(twin)).code).toBe("CONSTRAINT_VIOLATED")
        const where = { price: { gt: 3 } }
        const { nodes } = yield* call("/people::listChildren", { class: ofSecond.Contact, where })
        expect(nodes).toMatchObject([{ path: "/people/ben" }])
        // It is what the node is called now, which goes before what is in its texts.
        yield* create("/people/later", { props: { description: "needle" } })
        const { nodes: found, start } = yield* call(K.Node.query.path, { start: { search: "needle" } })
        expect(start.nodes.map((id: string) => found[id].path)).toEqual(["/people/ben", "/people/later"])
        const { deleted: trash } = yield* call(K.Node.listTrash.path)
        expect(trash).toMatchObject([{ path: "/people/eve", class: ofSecond.Contact }])
        yield* call(`@${trash[0].id}::restore`)
        expect((yield* get("/people/eve")).props).toEqual({ [ofSecond.name]: "eve@example.dev", [ofSecond.price]: 5 })
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("keeps history, which is told and put back under the new names", () =>
    onKernel(
      Effect.gen(function* () {
        const then = yield* people
        yield* install(bundleOf(second))
        const { changes } = yield* call("/people/ada::history")
        const told = changes.map(({ changed, edge, op }: Record<string, unknown>) => ({ op, changed, edge }))
        expect(told).toMatchObject([
          { op: "update", changed: { [ofSecond.name]: { before: "old@example.dev", after: "ada@example.dev" } } },
          { op: "link", changed: { [ofSecond.since]: { after: "noon" } }, edge: { class: ofSecond.knows } },
          { op: "create", changed: { [ofSecond.name]: { after: "old@example.dev" }, [ofSecond.price]: { after: 3 } } }
        ])
        yield* call("/people/ada::restore", { seq: then })
        expect((yield* get("/people/ada")).props[ofSecond.name]).toBe("old@example.dev")
      })
    )
  )

  it.effect("changes nothing when it is installed again, and is undone by putting the old version back", () =>
    onKernel(
      Effect.gen(function* () {
        yield* people
        const before = yield* get("/people/ada")
        yield* install(bundleOf(second))
        const after = yield* get("/people/ada")
        expect((yield* planOf(second)).unchanged).toBe(true)
        expect((yield* planOf(second)).renamed).toEqual([])
        yield* install(bundleOf(second))
        expect(yield* get("/people/ada")).toEqual(after)
        expect(yield* planOf(first)).toMatchObject({ added: [], removed: [], breaking: [] })
        yield* install(bundleOf(first))
        expect(yield* get("/people/ada")).toMatchObject({ class: before.class, props: ada })
        expect(yield* violations).toEqual([])
      })
    )
  )
})

const origin = "one.example.dev"
const one = (options: NonNullable<Parameters<typeof nodeClass>[0]>) =>
  defineSchema(origin, { classes: { Thing: nodeClass(options) } })
const keyOf = (name: string) => `${origin}:class.Thing.property.${name}`

describe("former names", () => {
  it.effect("of versions that were passed over lead through", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundleOf(one({ props: { a: Schema.String } })))
        yield* create("/t", { class: `${origin}:class.Thing`, props: { a: "kept" } })
        const third = one({ props: { c: Schema.String }, renamedProps: { c: ["b", "a"] } })
        expect((yield* planOf(third)).renamed).toEqual([
          { from: "class.Thing.property.a", to: "class.Thing.property.c" }
        ])
        yield* install(bundleOf(third))
        expect((yield* get("/t")).props).toEqual({ [keyOf("c")]: "kept" })
        const fourth = one({ props: { d: Schema.String }, renamedProps: { d: ["c", "b", "a"] } })
        yield* install(bundleOf(fourth))
        expect((yield* get("/t")).props).toEqual({ [keyOf("d")]: "kept" })
        yield* install(bundleOf(one({ props: { d: Schema.String } })))
        expect((yield* get("/t")).props).toEqual({ [keyOf("d")]: "kept" })
      })
    )
  )

  it.effect("that are not there leave a removal a removal, which says so", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundleOf(one({ props: { mail: Schema.String } })))
        const typo = bundleOf(one({ props: { email: Schema.String }, renamedProps: { email: "mial" } }))
        const before = yield* digest
        const error = yield* Effect.flip(install(typo))
        expect(error).toMatchObject({
          code: "SCHEMA_CONFLICT",
          message: expect.stringContaining(
            "class.Thing.property.mail (was removed; class.Thing.property.email says that it was called mial, which is not there)"
          )
        })
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("of two that are both there, or of one that is there already, merge nothing", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundleOf(one({ props: { a: Schema.String, b: Schema.String, c: Schema.String } })))
        const both = one({ props: { d: Schema.String, c: Schema.String }, renamedProps: { d: ["a", "b"] } })
        expect((yield* planOf(both)).breaking).toContainEqual({
          subject: "class.Thing.property.a",
          reason: "was removed; class.Thing.property.d says that it was called a and b, and both are there"
        })
        const taken = one({ props: { b: Schema.String, c: Schema.String }, renamedProps: { b: "a" } })
        expect((yield* planOf(taken)).breaking).toEqual([
          {
            subject: "class.Thing.property.a",
            reason: "was removed; class.Thing.property.b cannot be what a was: both are there"
          }
        ])
      })
    )
  )

  it.effect("do not hide that a type changed, nor that stored values do not fit it", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundleOf(one({ props: { size: Schema.String } })))
        yield* create("/t", { class: `${origin}:class.Thing`, props: { size: "large" } })
        const next = bundleOf(one({ props: { length: Schema.Int }, renamedProps: { length: "size" } }))
        const plan = yield* Effect.flatMap(SchemaInstaller, (installer) => installer.plan(next))
        expect(plan.breaking).toEqual([
          { subject: "class.Thing.property.length", reason: "no longer takes every value that is stored" }
        ])
        expect(plan.violations).toMatchObject([
          { subject: "class.Thing.property.length", count: 1, examples: [{ path: "/t" }] }
        ])
        expect((yield* Effect.flip(install(next, { breaking: "accept" }))).code).toBe("SCHEMA_CONFLICT")
        yield* call("/t::delete")
        yield* install(next, { breaking: "accept" })
      })
    )
  )

  it.effect("of what another domain names are refused", () =>
    onKernel(
      Effect.gen(function* () {
        const Item = nodeInterface({ props: { label: Schema.String } })
        const base = defineSchema("base.example.dev", { interfaces: { Item } })
        yield* install(bundleOf(base))
        const user = defineSchema("user.example.dev", {
          classes: { Thing: nodeClass({ implements: [base.interfaces.Item], indexes: [["label"]] }) },
          imports: [base]
        })
        yield* install(bundleOf(user))
        const renamed = defineSchema("base.example.dev", {
          interfaces: { Article: nodeInterface({ renamedFrom: "Item", props: { label: Schema.String } }) }
        })
        expect(yield* Effect.flip(install(bundleOf(renamed)))).toMatchObject({
          code: "SCHEMA_IN_USE",
          details: { dependents: [{ origin: "user.example.dev", uses: ["interface.Item"] }] }
        })
        const prop = defineSchema("base.example.dev", {
          interfaces: { Item: nodeInterface({ props: { text: Schema.String }, renamedProps: { text: "label" } }) }
        })
        expect(yield* Effect.flip(install(bundleOf(prop)))).toMatchObject({
          code: "SCHEMA_IN_USE",
          details: { dependents: [{ origin: "user.example.dev", uses: ["interface.Item.property.label"] }] }
        })
        yield* install(
          bundleOf(
            defineSchema("user.example.dev", {
              classes: { Thing: nodeClass({ implements: [base.interfaces.Item] }) },
              imports: [base]
            })
          )
        )
        yield* create("/t", { class: "user.example.dev:class.Thing", props: { label: "kept" } })
        yield* install(bundleOf(prop))
        expect((yield* get("/t")).props).toEqual({ "base.example.dev:interface.Item.property.text": "kept" })
      })
    )
  )
})
