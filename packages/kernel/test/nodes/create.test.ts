import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { bundle, D } from "../support/crm.ts"
import { call, create, digest, get, install, onKernel, refused } from "../support/kernel.ts"

const createNode = K.Node.createNode.path
const contact = (path: string, props: object = {}, rest: object = {}) =>
  call(createNode, { class: D.Contact.ref, path, props: { email: `${path}@x`, ...props }, ...rest })

describe("createNode", () => {
  it.effect(
    "that meets a node merges links as well as props, as often as it is asked, and makes a thousand at most",
    () =>
      onKernel(
        Effect.gen(function* () {
          yield* install(bundle)
          yield* create("/p", { class: D.Project.ref, props: { title: "P" } })
          const ada = (role: string) =>
            create("/ada", {
              class: D.Contact.ref,
              props: { email: "ada" },
              links: [{ edgeClass: D.works_on.ref, target: "/p", props: { role } }],
              onConflict: "merge"
            })
          const roles = Effect.map(call("/ada::getLinks"), ({ edges }) =>
            edges.map(({ props }: { props: object }) => Object.values(props))
          )
          yield* create("/ada", { class: D.Contact.ref, props: { email: "ada" } })
          for (const role of ["dev", "lead", "lead"]) {
            expect(yield* ada(role)).toMatchObject({ created: false })
            expect(yield* roles).toEqual([[role]])
          }
          const links = Array.from({ length: 1_001 }, () => ({ edgeClass: D.works_on.ref, target: "/p" }))
          expect(yield* Effect.flip(contact("/c", {}, { links }))).toMatchObject({
            code: "LIMIT_EXCEEDED",
            details: { limit: "links", max: 1_000 }
          })
        })
      )
  )

  it.effect("makes a node at a path, or under a parent with a slug", () =>
    onKernel(
      Effect.gen(function* () {
        const a = yield* create("/a")
        expect(a).toMatchObject({ path: "/a", created: true })
        expect((yield* get("/a")).rev).toBe(a.rev)
        const b = yield* call(createNode, { class: K.Folder.ref, parent: `@${a.id}`, slug: "b" })
        expect(b.path).toBe("/a/b")
        expect(b.rev).toBeGreaterThan(a.rev)
      })
    )
  )

  it.effect("gives a node without a slug its id as one", () =>
    onKernel(
      Effect.gen(function* () {
        const node = yield* call(createNode, { class: K.Folder.ref, parent: "/" })
        expect(node.path).toBe(`/${node.id}`)
      })
    )
  )

  it.effect("takes the class as a reference or as an address", () =>
    onKernel(
      Effect.gen(function* () {
        yield* call(createNode, { class: "/:kernel.portico.dev:class.Folder", path: "/a" })
        yield* call(createNode, { class: "/kernel.portico.dev/class.Folder", path: "/b" })
        expect((yield* get("/b")).class).toBe(K.Folder.ref)
        for (const missing of [
          "nowhere.example.dev:class.X",
          "kernel.portico.dev:class.Nope",
          "x",
          "/:no.example.dev:class.X"
        ]) {
          expect((yield* refused(createNode, { class: missing, path: "/c" })).code).toBe("CLASS_NOT_FOUND")
        }
        expect((yield* refused(createNode, { class: K.Container.ref, path: "/c" })).code).toBe("CLASS_NOT_FOUND")
        expect((yield* refused(createNode, { class: K.has_perm.ref, path: "/c" })).code).toBe("CLASS_NOT_FOUND")
      })
    )
  )

  it.effect("answers with qualified keys, whichever way they were given", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* contact("/c", { [D.Contact.company.key]: "Acme", name: "Ada" })
        expect((yield* get("/c")).props).toEqual({
          [D.Contact.email.key]: "/c@x",
          [D.Contact.company.key]: "Acme",
          [K.Named.name.key]: "Ada"
        })
      })
    )
  )

  it.effect("fails, merges or skips where a node is there already", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const made = yield* contact("/c", { company: "Acme" })
        expect((yield* Effect.flip(contact("/c"))).code).toBe("PATH_CONFLICT")
        expect(yield* contact("/c", { company: "Other" }, { onConflict: "skip" })).toEqual({ ...made, created: false })
        const merged = yield* contact("/c", { name: "Ada" }, { onConflict: "merge" })
        expect(merged).toMatchObject({ id: made.id, created: false })
        expect((yield* get("/c")).props[D.Contact.company.key]).toBe("Acme")
        expect((yield* get("/c")).props[K.Named.name.key]).toBe("Ada")
        const again = yield* contact("/c", { name: "Ada" }, { onConflict: "merge" })
        expect(again.rev).toBe(merged.rev)
        const other = { class: K.Folder.ref, path: "/c", onConflict: "merge" }
        expect((yield* refused(createNode, other)).code).toBe("PATH_CONFLICT")
      })
    )
  )

  it.effect("makes its links with it, or nothing at all", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/p", { class: D.Project.ref, props: { title: "P" } })
        const links = [{ edgeClass: D.works_on.ref, target: "/p", props: { role: "lead" } }]
        yield* contact("/c", {}, { links })
        expect((yield* call("/c::getLinks", {})).edges).toHaveLength(1)
        const before = yield* digest
        const bad = [...links, { edgeClass: D.works_on.ref, target: "/nowhere", props: { role: "x" } }]
        expect((yield* Effect.flip(contact("/d", {}, { links: bad }))).code).toBe("NOT_FOUND")
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("refuses a parent that holds no children, and one that is missing", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/leaf", { class: D.Leaf.ref })
        const error = yield* Effect.flip(create("/leaf/a"))
        expect(error).toMatchObject({ code: "CONSTRAINT_VIOLATED", details: { constraint: "container" } })
        expect(yield* Effect.flip(create("/nope/a"))).toMatchObject({
          code: "NOT_FOUND",
          message: "/nope does not exist"
        })
      })
    )
  )

  it.effect("refuses to make schema nodes, nodes inside a schema, and origins below Root", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const before = yield* digest
        for (const ref of [
          K.Domain.ref,
          K.Class.ref,
          K.Function.ref,
          K.View.ref,
          K.Interface.ref,
          K.EdgeClass.ref,
          K.Root.ref
        ]) {
          expect((yield* Effect.flip(create("/x", { class: ref, props: {} }))).code).toBe("CONSTRAINT_VIOLATED")
        }
        for (const path of [
          "/crm.example.dev/x",
          "/crm.example.dev/class.Contact/x",
          "/crm.example.dev/core/functions/x",
          "/new.example.dev"
        ]) {
          expect((yield* Effect.flip(create(path))).code).toBe("CONSTRAINT_VIOLATED")
        }
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("refuses a path that is no tree path, that is given twice, or not at all", () =>
    onKernel(
      Effect.gen(function* () {
        const folder = { class: K.Folder.ref }
        for (const params of [
          folder,
          { ...folder, path: "/a", parent: "/" },
          { ...folder, path: "/a", slug: "b" },
          { ...folder, path: "/:x.example.dev" },
          { ...folder, path: "/a::get" }
        ]) {
          expect((yield* refused(createNode, params)).code).toBe("INVALID_PARAMS")
        }
        expect((yield* refused(createNode, { ...folder, path: "/" })).code).toBe("PATH_CONFLICT")
        expect((yield* refused(createNode, { ...folder, parent: "/", slug: "a/b" })).code).toBe("INVALID_PATH")
      })
    )
  )

  it.effect("keeps paths at most 64 slugs deep", () =>
    onKernel(
      Effect.gen(function* () {
        let path = ""
        for (let depth = 1; depth <= 64; depth++) {
          path += `/${depth}`
          yield* create(path)
        }
        const last = yield* get(path)
        const error = yield* refused(createNode, { class: K.Folder.ref, parent: `@${last.id}`, slug: "x" })
        expect(error).toMatchObject({ code: "LIMIT_EXCEEDED", details: { limit: "depth" } })
      })
    )
  )
})
