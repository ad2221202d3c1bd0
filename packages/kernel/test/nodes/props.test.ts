import { describe, expect, it } from "@effect/vitest"
import { compileDomain, defineSchema, K, KernelSchema, nodeClass } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { bundle, bundleOf, D } from "../support/crm.ts"
import { call, create, digest, get, install, onKernel, refused } from "../support/kernel.ts"

const contact = (path: string, props: object) => create(path, { class: D.Contact.ref, props })

describe("props", () => {
  it.effect("that do not fit are refused with the path of each issue", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const issuesOf = (props: object) =>
          Effect.map(Effect.flip(contact("/c", props)), (error) => {
            expect(error.code).toBe("INVALID_PARAMS")
            const { issues } = error.details as { issues: ReadonlyArray<{ path: ReadonlyArray<string>; code: string }> }
            return issues.map(({ path, code }) => [path.join("."), code])
          })
        expect(yield* issuesOf({})).toEqual([["props.email", "required"]])
        expect(yield* issuesOf({ email: 1, company: true })).toEqual([
          ["props.email", "type"],
          ["props.company", "type"]
        ])
        expect(yield* issuesOf({ email: "a", nope: 1 })).toEqual([["props.nope", "unknown_property"]])
        expect(yield* issuesOf({ email: "a", address: { city: 3 } })).toEqual([["props.address.city", "type"]])
        expect(yield* issuesOf({ email: "a", rev: 3, id: "x" })).toEqual([
          ["props.rev", "reserved"],
          ["props.id", "reserved"]
        ])
      })
    )
  )

  it.effect("abuse 27: named __proto__, constructor or toString pollute nothing", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const before = yield* digest
        for (const key of ["__proto__", "constructor", "toString", "prototype", "hasOwnProperty"]) {
          const props = JSON.parse(`{"email":"a","${key}":{"polluted":true}}`)
          expect((yield* Effect.flip(contact("/c", props))).code).toBe("INVALID_PARAMS")
          const params = JSON.parse(`{"${key}":{"x":1},"class":"${D.Contact.ref}","path":"/c"}`)
          expect((yield* refused(K.Node.createNode.path, params)).code).toBe("INVALID_PARAMS")
        }
        expect(yield* digest).toBe(before)
        expect("polluted" in {}).toBe(false)
        expect((yield* refused("/::toString", {})).code).toBe("METHOD_NOT_FOUND")
        expect((yield* refused("/::constructor", {})).code).toBe("METHOD_NOT_FOUND")
        expect((yield* refused("/:crm.example.dev:class.Contact:constructor", {})).code).toBe("METHOD_NOT_FOUND")
        expect((yield* refused("/:crm.example.dev:class.constructor:get", {})).code).toBe("CLASS_NOT_FOUND")
      })
    )
  )

  it.effect("larger than 256 KiB or deeper than 64 are refused, and so is what JSON cannot hold", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const tooLong = yield* refused("/a::update", { props: { name: "x".repeat(256 * 1024) } })
        expect(tooLong).toMatchObject({ code: "LIMIT_EXCEEDED", details: { limit: "props" } })
        const tooLongInBytes = yield* refused("/a::update", { props: { name: "я".repeat(140 * 1024) } })
        expect(tooLongInBytes).toMatchObject({ code: "LIMIT_EXCEEDED", details: { limit: "props" } })
        let deep: unknown = 1
        for (let i = 0; i < 100_000; i++) deep = [deep]
        expect(yield* refused("/a::update", { props: { name: deep } })).toMatchObject({
          code: "LIMIT_EXCEEDED",
          details: { limit: "depth" }
        })
        for (const value of [Number.POSITIVE_INFINITY, Number.NaN, "\ud800", new Date(0), () => 1, 1n]) {
          expect((yield* refused("/a::update", { props: { name: value } })).code).toBe("INVALID_PARAMS")
        }
        const circle: Record<string, unknown> = {}
        circle.self = circle
        expect((yield* refused("/a::update", { props: { name: circle } })).code).toBe("LIMIT_EXCEEDED")
      })
    )
  )

  it.effect(
    "have defaults where none are given, and are unique at any length and after a merge; no value is equal to none",
    () =>
      onKernel(
        Effect.gen(function* () {
          const size = Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(7)))
          const Box = nodeClass({
            props: { code: Schema.optional(Schema.NullOr(Schema.String)), size },
            unique: [["code"]]
          })
          const boxes = defineSchema("boxes.example.dev", { classes: { Box }, imports: [KernelSchema] })
          const B = compileDomain(boxes)
          yield* install(bundleOf(boxes))
          const box = (path: string, props: object, rest: object = {}) =>
            create(path, { class: B.Box.ref, props, ...rest })
          const taken = { code: "CONSTRAINT_VIOLATED", details: { constraint: "unique", props: ["code"] } }
          const long = "x".repeat(300)
          yield* box("/a", { code: `${long}a` })
          yield* box("/small", { size: 2 })
          const sizes = [yield* get("/a"), yield* get("/small")].map(({ props }) => props[B.Box.size.key])
          expect(sizes).toEqual([7, 2])
          yield* box("/b", { code: `${long}b` })
          expect(yield* Effect.flip(box("/c", { code: `${long}b` }))).toMatchObject(taken)
          for (const path of ["/null", "/none"]) yield* box(path, path === "/null" ? { code: null } : {})
          yield* box("/again", { code: null })
          expect(yield* Effect.flip(box("/b", { code: `${long}a` }, { onConflict: "merge" }))).toMatchObject(taken)
          yield* box("/b", { code: "other" }, { onConflict: "merge" })
          yield* box("/c", { code: `${long}b` })
          expect(yield* Effect.flip(box("/d", { code: "other" }))).toMatchObject(taken)
        })
      )
  )

  it.effect("declared unique are unique among the nodes of the class", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* contact("/a", { email: "x" })
        yield* contact("/b", { email: "y" })
        expect(yield* Effect.flip(contact("/c", { email: "x" }))).toMatchObject({
          code: "CONSTRAINT_VIOLATED",
          details: { constraint: "unique", props: ["email"] }
        })
        expect((yield* refused("/b::update", { props: { email: "x" } })).code).toBe("CONSTRAINT_VIOLATED")
        yield* call("/a::update", { props: { email: "z" } })
        yield* call("/b::update", { props: { email: "x" } })
        yield* call("/b::delete")
        yield* contact("/d", { email: "x" })
        yield* contact("/e", { email: "é".repeat(500) })
        expect((yield* Effect.flip(contact("/f", { email: "é".repeat(500) }))).code).toBe("CONSTRAINT_VIOLATED")
      })
    )
  )
})

describe("update", () => {
  it.effect("is a merge patch: it changes what it names, and null removes", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* contact("/c", { email: "a", company: "Acme", address: { city: "Bonn", zip: "1" } })
        const changed = yield* call("/c::update", { props: { company: null, address: { zip: "2" } } })
        expect(changed.props).toEqual({
          [D.Contact.email.key]: "a",
          [D.Contact.address.key]: { city: "Bonn", zip: "2" }
        })
        expect(yield* get("/c")).toEqual(changed)
        const unset = yield* call("/c::update", { props: {}, unset: ["address"] })
        expect(unset.props).toEqual({ [D.Contact.email.key]: "a" })
        expect((yield* refused("/c::update", { props: { email: null } })).code).toBe("INVALID_PARAMS")
        expect((yield* refused("/c::update", { props: {}, unset: ["email"] })).code).toBe("INVALID_PARAMS")
        expect((yield* refused("/c::update", { props: {}, unset: ["nope"] })).code).toBe("INVALID_PARAMS")
      })
    )
  )

  it.effect("takes no property that is given twice, by two keys or both set and unset", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* contact("/c", { email: "a", company: "Acme" })
        const before = yield* digest
        const company = { company: "New", [D.Contact.company.key]: "Other" }
        for (const refusal of [
          yield* refused("/c::update", { props: company }),
          yield* refused("/c::update", { props: { company: "New" }, unset: [D.Contact.company.key] }),
          yield* Effect.flip(contact("/d", { email: "d", ...company }))
        ]) {
          expect(refusal).toMatchObject({ code: "INVALID_PARAMS", details: { issues: [{ code: "twice" }] } })
        }
        expect(yield* digest).toBe(before)
        const gone = yield* call("/c::update", { props: { company: null }, unset: ["company"] })
        expect(gone.props).toEqual({ [D.Contact.email.key]: "a" })
      })
    )
  )

  it.effect("checks the rev it is told to expect, and keeps the rev of a node that it does not change", () =>
    onKernel(
      Effect.gen(function* () {
        const { rev } = yield* create("/a")
        const changed = yield* call("/a::update", { props: { name: "A" }, ifRev: rev })
        expect(changed.rev).toBeGreaterThan(rev)
        expect(yield* refused("/a::update", { props: { name: "B" }, ifRev: rev })).toMatchObject({
          code: "REV_CONFLICT",
          details: { rev: changed.rev }
        })
        expect((yield* call("/a::update", { props: { name: "A" } })).rev).toBe(changed.rev)
      })
    )
  )

  it.effect("never changes what an install wrote", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const before = yield* digest
        for (const path of [
          "/crm.example.dev",
          "/crm.example.dev/class.Contact",
          "/crm.example.dev/class.Contact/assign",
          "/crm.example.dev/core/functions",
          "/kernel.portico.dev",
          "/"
        ]) {
          const error = yield* refused(`${path}::update`, { props: { description: "mine" } })
          expect(["CONSTRAINT_VIOLATED", "INVALID_PARAMS"]).toContain(error.code)
          expect((yield* refused(`${path}::delete`, { recursive: true })).code).toBe("CONSTRAINT_VIOLATED")
          expect((yield* refused(`${path}::move`, { to: "/identities" })).code).toBe("CONSTRAINT_VIOLATED")
        }
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("abuse 24: refuses class, id, rev, owner and what else is the kernel's, by itself and among others", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const before = yield* digest
        const reserved = ["class", "id", "rev", "owner", "parent", "path", "slug", "createdAt", "updatedAt", "mask"]
        for (const key of reserved) {
          for (const [path, params] of [
            ["/a::update", { props: { [key]: "x" } }],
            ["/a::update", { [key]: "x", props: { name: "A" } }],
            [K.Node.createNode.path, { class: K.Folder.ref, path: "/b", props: { [key]: "x" } }],
            [
              K.Node.mutate.path,
              {
                ops: [
                  { op: "createNode", class: K.Folder.ref, path: "/b" },
                  { op: "update", node: "/a", props: { [key]: "x" } }
                ]
              }
            ]
          ] as const) {
            const error = yield* refused(path, params)
            expect([key, path, error.code, error.status]).toEqual([key, path, "INVALID_PARAMS", 400])
          }
        }
        expect(yield* digest).toBe(before)
      })
    )
  )
})

describe("get", () => {
  it.effect("answers all of a node, or the properties that it is asked for", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a", { props: { name: "A", description: "d" } })
        expect((yield* call("/a::get", { props: ["name"] })).props).toEqual({ [K.Named.name.key]: "A" })
        expect((yield* call("/a::get", { props: [K.Named.name.key] })).props).toEqual({ [K.Named.name.key]: "A" })
        expect((yield* refused("/a::get", { props: ["nope"] })).code).toBe("INVALID_PARAMS")
      })
    )
  )

  it.effect("gives values that cannot be changed by who receives them", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a", { props: { name: "A" } })
        const node = yield* get("/a")
        expect(() => Object.assign(node.props, { x: 1 })).toThrow(TypeError)
        expect(yield* get("/a")).toBe(node)
      })
    )
  )
})
