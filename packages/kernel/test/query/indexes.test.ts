import { describe, expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import { compileDomain, defineSchema, KernelSchema, nodeClass } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { Kernel, kernelLayer, SchemaInstaller } from "../../src/index.ts"
import { bundleOf } from "../support/crm.ts"
import { call, create, database, extensions, install, onKernel, refused } from "../support/kernel.ts"
import { T, things, thingsWith } from "../support/things.ts"

const rows = Effect.flatMap(Database, (database) =>
  database.read((conn) =>
    conn
      .prepare(
        `SELECT count(*) AS n, count(DISTINCT list) AS lists,
        (SELECT count(*) FROM node_index i JOIN nodes ON key = node AND nodes.parent = i.parent) AS placed
       FROM node_index`
      )
      .get()
  )
)
/** Lets the sweep have its writes, which come a turn of the event loop apart. */
const emptied = Effect.gen(function* () {
  const database = yield* Database
  const left = database.read((conn) => Number(conn.prepare("SELECT count(*) AS n FROM trash").get()?.n))
  for (let turns = 0; turns < 10_000 && (yield* left) > 0; turns++) yield* Effect.yieldNow
})
const lists = Effect.flatMap(Database, (database) =>
  database.read((conn) =>
    conn
      .prepare("SELECT props FROM indexed_lists ORDER BY props")
      .all()
      .map(({ props }) => String(props).replaceAll(/[a-zA-Z.:]*property\./g, ""))
  )
)

const thing = (path: string, props: object) => create(path, { class: T.Indexed.ref, props })
const slugs = (params: object) =>
  Effect.map(call("/::listChildren", { class: T.Indexed.ref, ...params }), (page) =>
    page.nodes.map(({ slug }: { slug: string }) => slug)
  )

describe("declared indexes", () => {
  it.effect("follow what is made, changed, moved and deleted", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        yield* thing("/a", { name: "A", age: 1 })
        yield* thing("/a/x", { name: "X" })
        yield* thing("/b", {})
        expect(yield* rows).toEqual({ n: 9, lists: 3, placed: 9 })
        yield* call("/a::update", { props: { name: "B" } })
        expect(yield* slugs({ where: { name: { eq: "A" } } })).toEqual([])
        expect(yield* slugs({ where: { name: { eq: "B" } } })).toEqual(["a"])
        yield* call("/a/x::move", { to: "/" })
        expect(yield* slugs({ where: { name: { startsWith: "X" } } })).toEqual(["x"])
        expect(yield* rows).toEqual({ n: 9, lists: 3, placed: 9 })
        yield* call("/x::delete")
        expect(yield* slugs({ where: { name: { startsWith: "X" } } })).toEqual([])
        yield* call("/a::move", { to: "/b" })
        const { id } = yield* call("/b::get")
        yield* call("/b::delete", { recursive: true })
        expect(yield* slugs({ where: { name: { exists: false } } })).toEqual([])
        yield* call(`@${id}::restore`)
        expect(yield* slugs({ where: { name: { exists: false } } })).toEqual(["b"])
        yield* call("/b::delete", { recursive: true })
        yield* TestClock.adjust("31 days")
        yield* emptied
        expect(yield* rows).toEqual({ n: 0, lists: 0, placed: 0 })
      })
    )
  )

  it.effect("are undone with a write that is refused", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        yield* thing("/a", { name: "A" })
        const links = [{ edgeClass: T.likes.ref, target: "/nowhere" }]
        yield* refused("/:kernel.portico.dev:interface.Node:createNode", { class: T.Indexed.ref, path: "/b", links })
        expect(yield* rows).toEqual({ n: 3, lists: 3, placed: 3 })
      })
    )
  )

  it.effect("are built by the install that adds one to a class with nodes, and dropped by one that takes it away", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(thingsWith([]))
        for (let i = 0; i < 30; i++) yield* thing(`/t${i}`, { name: `n${i % 3}`, age: i })
        expect(yield* rows).toEqual({ n: 0, lists: 0, placed: 0 })
        yield* install(thingsWith([["name", "age"]]))
        expect(yield* lists).toEqual(['1 ["name","age"]'])
        expect(yield* rows).toEqual({ n: 30, lists: 1, placed: 30 })
        const asked = { where: { name: { eq: "n1" } }, order: [["age", "desc"]], limit: 3 }
        expect(yield* slugs(asked)).toEqual(["t28", "t25", "t22"])
        yield* thing("/late", { name: "n1", age: 99 })
        expect(yield* slugs(asked)).toEqual(["late", "t28", "t25"])
        yield* install(thingsWith([["age"], ["name", "age"]]))
        expect(yield* lists).toEqual(['1 ["age"]', '1 ["name","age"]'])
        expect(yield* rows).toEqual({ n: 62, lists: 2, placed: 62 })
        yield* install(thingsWith([["age"]]))
        expect(yield* rows).toEqual({ n: 31, lists: 1, placed: 31 })
        expect(yield* slugs(asked)).toEqual(["late", "t28", "t25"])
        for (let i = 0; i < 30; i++) yield* call(`/t${i}::delete`)
        yield* call("/late::delete")
        yield* Effect.flatMap(SchemaInstaller, (installer) => installer.uninstall("things.example.dev"))
        expect(yield* lists).toEqual([])
      })
    )
  )

  it.effect("take a default that an install fills in", () =>
    onKernel(
      Effect.gen(function* () {
        const make = (age: Schema.Top) =>
          defineSchema("filled.example.dev", {
            // Boundary: either of two schemas of one property.
            classes: {
              Box: nodeClass({
                implements: [KernelSchema.interfaces.Container],
                props: { age: age as typeof Schema.Int },
                indexes: [["age"]]
              })
            },
            imports: [KernelSchema]
          })
        const D = compileDomain(make(Schema.Int))
        yield* install(bundleOf(make(Schema.optional(Schema.Int))))
        yield* create("/one", { class: D.Box.ref })
        yield* create("/two", { class: D.Box.ref, props: { age: 2 } })
        const withDefault = Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(7)))
        yield* install(bundleOf(make(withDefault)), { breaking: "accept" })
        yield* call("/one::update", { props: { age: 8 } })
        const found = yield* call("/::listChildren", { class: D.Box.ref, where: { age: { gte: 0 } } })
        expect(found.nodes.map(({ slug }: { slug: string }) => slug)).toEqual(["two", "one"])
        expect(yield* rows).toEqual({ n: 2, lists: 1, placed: 2 })
      })
    )
  )

  it.effect("of a store that an older version wrote are built when it is opened", () =>
    Effect.gen(function* () {
      const open = kernelLayer().pipe(Layer.provide(extensions()))
      const first = yield* Effect.provide(
        Effect.gen(function* () {
          yield* install(things)
          yield* thing("/a", { name: "A" })
          return yield* rows
        }),
        open,
        { local: true }
      )
      const { write } = yield* Database
      yield* write((tx) =>
        Effect.sync(() => {
          for (const table of ["node_index", "indexed_lists"]) tx.exec(`DELETE FROM ${table}`)
          tx.exec("DELETE FROM kernel_meta WHERE name = 'findable'")
        })
      )
      yield* Effect.provide(
        Effect.gen(function* () {
          yield* Kernel
          expect(yield* rows).toEqual(first)
          expect(yield* slugs({ where: { name: { eq: "A" } } })).toEqual(["a"])
        }),
        open,
        { local: true }
      )
    }).pipe(Effect.provide(database, { local: true }))
  )
})
