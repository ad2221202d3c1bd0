import { expect, it } from "@effect/vitest"
import { defineSchema, fn, KernelSchema, nodeClass, nodeInterface } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { SchemaInstaller } from "../../src/index.ts"
import { bundleOf } from "../support/crm.ts"
import { faultyKernel, noFault } from "../support/faulty.ts"
import { violations } from "../support/integrity.ts"
import { call, create, digest } from "../support/kernel.ts"
import { ofFirst, second as renamed, first as unnamed } from "../support/renamed.ts"

const fault = { ...noFault(), reads: false }

const Thing = nodeInterface({ methods: { poke: fn({}) } })
const first = bundleOf(
  defineSchema("shop.example.dev", {
    interfaces: { Thing },
    classes: { Product: nodeClass({ implements: [Thing], props: { title: Schema.String } }), Gone: nodeClass({}) },
    imports: [KernelSchema]
  }),
  { owns: ["/a/b"] }
)
const second = bundleOf(
  defineSchema("shop.example.dev", {
    interfaces: { Thing },
    classes: {
      Product: nodeClass({
        implements: [Thing, KernelSchema.interfaces.Named],
        props: { title: Schema.String },
        unique: [["title"]]
      }),
      New: nodeClass({})
    },
    functions: { seed: fn({}) },
    imports: [KernelSchema]
  }),
  { owns: ["/c"], grants: { everyone: 1 } }
)

it.effect("an install or uninstall that fails at any statement leaves the store as it was (abuse 47)", () =>
  Effect.gen(function* () {
    const installer = yield* SchemaInstaller
    const steps = [
      ["first install", installer.install(first)],
      ["new version", installer.install(second, { breaking: "accept" })],
      ["uninstall", installer.uninstall("shop.example.dev")]
    ] as const
    for (const [name, step] of steps) {
      const before = yield* digest
      for (let at = 0; ; at++) {
        Object.assign(fault, { at, seen: 0 })
        const exit = yield* Effect.exit(step)
        if (exit._tag === "Success") {
          expect(fault.seen).toBe(at)
          expect(at).toBeGreaterThan(5)
          break
        }
        expect([name, at, yield* digest]).toEqual([name, at, before])
      }
      Object.assign(fault, { at: Number.POSITIVE_INFINITY })
    }
    expect(yield* violations).toEqual([])
  }).pipe(Effect.provide(faultyKernel(fault), { local: true }))
)

const less = bundleOf(
  defineSchema("people.example.dev", {
    classes: { Contact: nodeClass({ renamedFrom: "Person", implements: [KernelSchema.interfaces.Container] }) },
    imports: [KernelSchema]
  })
)

it.effect("an install that renames or takes away what is stored and fails leaves the store as it was (abuse 47)", () =>
  Effect.gen(function* () {
    const installer = yield* SchemaInstaller
    yield* installer.install(bundleOf(unnamed))
    const person = (name: string) =>
      create(`/${name}`, { class: ofFirst.Person, props: { mail: `${name}@example.dev`, cost: 1 } })
    for (const name of ["ada", "ben", "eve"]) yield* person(name)
    yield* call("/ada::link", { edgeClass: ofFirst.met, target: "/ben", props: { at: "noon" } })
    yield* call("/eve::delete")
    const steps = [
      ["renames", installer.install(bundleOf(renamed))],
      ["undone", installer.install(bundleOf(unnamed))],
      ["taken away", installer.install(less, { breaking: "accept" })]
    ] as const
    for (const [name, step] of steps) {
      if (name === "taken away") yield* call("/ada::unlink", { edgeClass: ofFirst.met, target: "/ben" })
      const before = yield* digest
      for (let at = 0; ; at++) {
        Object.assign(fault, { at, seen: 0 })
        const exit = yield* Effect.exit(step)
        if (exit._tag === "Success") {
          expect([name, at > 10, fault.seen]).toEqual([name, true, at])
          break
        }
        expect([name, at, yield* digest]).toEqual([name, at, before])
      }
      Object.assign(fault, { at: Number.POSITIVE_INFINITY })
      expect([name, yield* violations]).toEqual([name, []])
    }
  }).pipe(Effect.provide(faultyKernel(fault), { local: true }))
)
