import { expect, it } from "@effect/vitest"
import { Database, type Steps, type SyncConnection } from "@portico/gate/database"
import { defineSchema, fn, KernelSchema, nodeClass, nodeInterface } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { kernelLayer, SchemaInstaller } from "../../src/index.ts"
import { bundleOf } from "../support/crm.ts"
import { database, digest, extensions } from "../support/kernel.ts"

/** Counts the statements that change something and fails one of them. */
const fault = { at: Number.POSITIVE_INFINITY, seen: 0 }

const faulty = (conn: SyncConnection): SyncConnection => ({
  exec: conn.exec,
  prepare: (sql) => {
    const statement = conn.prepare(sql)
    if (/^\s*SELECT|^\s*WITH/i.test(sql)) return statement
    const run =
      <A>(use: (...params: ReadonlyArray<never>) => A) =>
      (...params: ReadonlyArray<unknown>): A => {
        if (fault.seen++ === fault.at) throw new Error("the power went out")
        return use(...(params as ReadonlyArray<never>))
      }
    return { get: run(statement.get), all: run(statement.all), run: run(statement.run) }
  }
})

const FaultyDatabase = Layer.effect(
  Database,
  Effect.map(Database, (real) => ({
    ...real,
    write: <A, E>(work: (tx: SyncConnection) => Effect.Effect<A, E> | Steps<A, E>) =>
      real.write((tx) => work(faulty(tx)))
  }))
).pipe(Layer.provide(database))

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

it.effect("an install or uninstall that fails at any statement leaves the store as it was", () =>
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
  }).pipe(
    Effect.provide(kernelLayer().pipe(Layer.provideMerge(FaultyDatabase), Layer.provide(extensions())), { local: true })
  )
)
