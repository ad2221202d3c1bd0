import { describe, expect, it } from "@effect/vitest"
import { compileDomain, defineSchema, edgeClass, K, KernelSchema, nodeClass } from "@portico/schema"
import * as Effect from "effect/Effect"
import { bundle, bundleOf, D } from "../support/crm.ts"
import { violations } from "../support/integrity.ts"
import { call, create, digest, get, grant, install, onKernel, refused, user } from "../support/kernel.ts"

const Pin = nodeClass({})
const pinned = edgeClass(
  { as: "pin", types: [Pin], cardinality: "1..*" },
  { as: "to", types: [KernelSchema.classes.Folder] }
)
const Card = nodeClass({})
const holds = edgeClass(
  { as: "board", types: [KernelSchema.classes.Folder] },
  { as: "card", types: [Card], cardinality: "1..*" }
)
const pins = defineSchema("pins.example.dev", { classes: { Pin, pinned, Card, holds }, imports: [KernelSchema] })
const P = compileDomain(pins)

const builtIn = ["", "/everyone", "/authenticated", "/operators"].map((name) => `/identities${name}`)

describe("delete", () => {
  it.effect("takes a node with all its edges; with recursive also what is below it", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/p", { class: D.Project.ref, props: { title: "P" } })
        yield* create("/p/c", { class: D.Contact.ref, props: { email: "a" } })
        yield* create("/q", { class: D.Project.ref, props: { title: "Q" } })
        yield* call("/p/c::link", { edgeClass: D.works_on.ref, target: "/q", props: { role: "r" } })
        expect(yield* refused("/p::delete")).toMatchObject({ code: "NOT_EMPTY" })
        expect(yield* call("/p::delete", { recursive: true })).toEqual({ deleted: 2 })
        expect((yield* refused("/p/c::get")).code).toBe("NOT_FOUND")
        expect((yield* call("/q::getLinks", { direction: "both" })).edges).toEqual([])
        expect((yield* refused("/p::delete")).code).toBe("NOT_FOUND")
        yield* create("/p", { class: D.Project.ref, props: { title: "again" } })
        expect((yield* get("/p")).props[D.Project.title.key]).toBe("again")
      })
    )
  )

  it.effect("takes grants and memberships along at once", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* create("/identities/team", { class: "kernel.portico.dev:class.Group" })
        const ada = yield* user("ada")
        yield* call("/identities/team::addMember", { member: ada.path })
        yield* grant("/identities/team", "/a", ["READ"])
        yield* get("/a", ada.as)
        yield* call("/identities/team::delete")
        expect((yield* refused("/a::get", undefined, ada.as)).code).toBe("NOT_FOUND")
      })
    )
  )

  it.effect("refuses what the instance is built on", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/identities/operators", { class: K.Role.ref })
        const before = yield* digest
        for (const path of ["/", ...builtIn]) {
          expect((yield* refused(`${path}::delete`, { recursive: true })).code).toBe("CONSTRAINT_VIOLATED")
        }
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("leaves nobody without an edge that they have to have", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundleOf(pins))
        for (const path of ["/a", "/b", "/b/c", "/d"]) yield* create(path)
        const pin = (path: string, ...targets: ReadonlyArray<string>) =>
          create(path, { class: P.Pin.ref, links: targets.map((target) => ({ edgeClass: P.pinned.ref, target })) })
        yield* pin("/a/one", "/b/c")
        yield* pin("/b/own", "/b/c")
        const before = yield* digest
        for (const path of ["/b/c", "/b"]) {
          const refusal = yield* refused(`${path}::delete`, { recursive: true })
          expect(refusal).toMatchObject({ code: "CONSTRAINT_VIOLATED", details: { constraint: "cardinality", min: 1 } })
        }
        expect(yield* digest).toBe(before)
        // Several changes that belong together may, and so may whoever goes along.
        const { rev: then } = yield* create("/e")
        yield* call("/:kernel.portico.dev:interface.Node:mutate", {
          ops: [
            { op: "delete", node: "/b", recursive: true },
            { op: "link", node: "/a/one", edgeClass: P.pinned.ref, target: "/d" }
          ]
        })
        yield* create("/e/late")
        yield* pin("/a/two", "/e/late")
        const restored = yield* refused("/e::restore", { seq: then, recursive: true })
        expect(restored.details).toMatchObject({ constraint: "cardinality" })
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("may leave fewer edges where nobody has to have them, and counts none of these", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundleOf(pins))
        for (const path of ["/a", "/board", "/cards"]) yield* create(path)
        for (const name of ["one", "two"]) {
          yield* create(`/a/${name}`, { class: P.Pin.ref, links: [{ edgeClass: P.pinned.ref, target: "/board" }] })
        }
        yield* call("/:kernel.portico.dev:interface.Node:mutate", {
          ops: [
            { op: "createNode", class: P.Card.ref, path: "/cards/card" },
            { op: "link", node: "/board", edgeClass: P.holds.ref, target: "$0.id" }
          ]
        })
        // The pins need the board and are gone with their folder; the card needs the board, and the board no card.
        expect(yield* call("/a::delete", { recursive: true })).toMatchObject({ deleted: 3 })
        expect(yield* refused("/board::delete")).toMatchObject({
          code: "CONSTRAINT_VIOLATED",
          details: { end: "card" }
        })
        expect(yield* call("/cards::delete", { recursive: true })).toMatchObject({ deleted: 2 })
        expect(yield* call("/board::delete")).toMatchObject({ deleted: 1 })
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("what the instance finds by its path is moved nowhere, and put back to no other place", () =>
    onKernel(
      Effect.gen(function* () {
        const { rev: before } = yield* create("/a")
        const { rev: now } = yield* create("/identities/operators", { class: K.Role.ref })
        const unchanged = yield* digest
        for (const path of builtIn) {
          for (const refusal of [
            yield* refused(`${path}::move`, { to: "/a" }),
            yield* refused(`${path}::move`, { to: "/", slug: "other" }),
            yield* refused(`${path}::restore`, { seq: now, path: "/a/other" })
          ]) {
            expect([refusal.code, refusal.details?.constraint]).toEqual(["CONSTRAINT_VIOLATED", "builtIn"])
          }
        }
        const made = yield* refused("/identities::restore", { seq: before, recursive: true })
        expect(made.details).toEqual({ constraint: "builtIn", path: "/identities/operators" })
        expect(yield* digest).toBe(unchanged)
      })
    )
  )
})
