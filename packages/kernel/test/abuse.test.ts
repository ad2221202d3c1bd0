import { describe, expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Authority, kernelLayer } from "../src/index.ts"
import { bundle, D } from "./support/crm.ts"
import {
  call,
  create,
  database,
  digest,
  extensions,
  get,
  grant,
  install,
  onKernel,
  refused,
  user
} from "./support/kernel.ts"

describe("addresses", () => {
  it.effect("abuse 25: with dots, slashes, colons, NUL, percent signs or no end are refused, and change nothing", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const before = yield* digest
        const bad = [
          "",
          "a",
          "//",
          "/a/",
          "/a//b",
          "/..",
          "/a/../a",
          "/.",
          "/%2e%2e",
          "/a\\b",
          "/a\u0000b",
          "/a:b",
          "/a::b::c",
          "/::",
          "/a::",
          "@",
          "@not-a-uuid",
          "@' OR 1=1--",
          "/:",
          "/:nodots",
          "/:x.example.dev:",
          "/:x.example.dev:class.",
          "/:x.example.dev:table.X",
          "/a b",
          "/a\u200bb",
          "/a\u202eb",
          "/\ud800",
          `/${"x".repeat(65_536)}`
        ]
        for (const path of bad) {
          expect([path.slice(0, 20), (yield* refused(path)).code]).toEqual([path.slice(0, 20), "INVALID_PATH"])
          const make = { class: K.Folder.ref, path }
          expect((yield* refused(K.Node.createNode.path, make)).code).toMatch(/^INVALID_/)
          expect((yield* refused("/a::move", { to: path })).code).toMatch(/^INVALID_/)
        }
        for (const slug of ["", ".", "..", "a/b", "a:b", "@a", "a b", "\u200b", "аpple"]) {
          const make = { class: K.Folder.ref, parent: "/", slug }
          expect((yield* refused(K.Node.createNode.path, make)).code).toBe("INVALID_PATH")
        }
        const long = "x".repeat(129)
        for (const [params, limit] of [
          [{ path: `/${long}` }, "slug"],
          [{ parent: "/", slug: long }, "slug"],
          [{ path: "/x".repeat(65) }, "depth"]
        ] as const) {
          const refusal = yield* refused(K.Node.createNode.path, { class: K.Folder.ref, ...params })
          expect(refusal).toMatchObject({ code: "LIMIT_EXCEEDED", details: { limit } })
        }
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("abuse 26: that look the same name one node at most: normalised once, or refused", () =>
    onKernel(
      Effect.gen(function* () {
        const composed = yield* create("/caf\u00e9")
        expect((yield* get("/cafe\u0301")).id).toBe(composed.id)
        expect((yield* Effect.flip(create("/cafe\u0301"))).code).toBe("PATH_CONFLICT")
        yield* create("/соре")
        expect(yield* Effect.flip(create("/cope"))).toMatchObject({
          code: "PATH_CONFLICT",
          details: { confusable: true }
        })
        yield* create("/oca")
        expect((yield* Effect.flip(create("/оса"))).details).toMatchObject({ path: "/oca", confusable: true })
        yield* create("/l1")
        yield* create("/ll")
        yield* create("/other")
        expect((yield* refused("/other::move", { to: "/", slug: "cope" })).code).toBe("PATH_CONFLICT")
      })
    )
  )
})

describe("text that is SQL", () => {
  it.effect("is text", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const evil = `'; DROP TABLE nodes; --" OR 1=1 \u0000 %_*`
        yield* create("/c", { class: D.Contact.ref, props: { email: evil } })
        expect((yield* get("/c")).props[D.Contact.email.key]).toBe(evil)
        expect((yield* Effect.flip(create("/d", { class: D.Contact.ref, props: { email: evil } }))).code).toBe(
          "CONSTRAINT_VIOLATED"
        )
        expect((yield* refused("/c::listChildren", { class: evil })).code).toBe("CLASS_NOT_FOUND")
        expect((yield* refused("/c::getLinks", { edgeClass: evil })).code).toBe("CLASS_NOT_FOUND")
        expect((yield* refused("/c::listChildren", { cursor: evil })).code).toBe("CURSOR_INVALID")
        expect((yield* refused(K.Node.createNode.path, { class: evil, path: "/x" })).code).toBe("CLASS_NOT_FOUND")
        expect((yield* call("/::listChildren")).nodes.length).toBeGreaterThan(2)
      })
    )
  )
})

describe("a damaged store", () => {
  it.effect("whose tree goes round answers with an error, and in bounded time", () =>
    Effect.gen(function* () {
      const { write } = yield* Database
      const a = yield* create("/a")
      yield* create("/a/b")
      const ada = yield* user("ada")
      const turn = "UPDATE nodes SET parent = (SELECT key FROM nodes WHERE slug = 'b') WHERE slug = 'a'"
      yield* write((tx) => Effect.sync(() => tx.exec(turn)))
      // Forgets every mask and path that it remembers of the time before.
      yield* grant(ada.path, "/identities", 1)
      for (const as of [ada.as, Authority.system]) {
        for (const method of ["get", "update", "getTree", "listChildren", "delete"]) {
          const error = yield* refused(`@${a.id}::${method}`, method === "update" ? { props: {} } : {}, as)
          expect([method, error.code]).toEqual([
            method,
            as === ada.as ? "INTERNAL" : expect.stringMatching(/INTERNAL|NOT_EMPTY/)
          ])
        }
        expect((yield* refused("/a::get", undefined, as)).code).toBe("NOT_FOUND")
      }
    }).pipe(
      Effect.provide(kernelLayer({ cacheNodes: 1 }).pipe(Layer.provideMerge(database), Layer.provide(extensions())), {
        local: true
      })
    )
  )
})

describe("abuse 60: someone with EDIT on their own User and READ on a group", () => {
  it.effect("finds no way into the group", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/identities/admins", { class: K.Group.ref })
        yield* grant("/identities/admins", "/", 15)
        const eve = yield* user("eve")
        yield* grant(eve.path, eve.path, 7)
        yield* grant(eve.path, "/identities/admins", 5)
        const before = yield* digest
        const group = "/identities/admins"
        const attempts: ReadonlyArray<readonly [path: string, params: object]> = [
          [`${eve.path}::link`, { edgeClass: K.member_of.ref, target: group }],
          [`${eve.path}::link`, { edgeClass: K.has_perm.ref, target: group }],
          [`${group}::addMember`, { member: eve.path }],
          [`${eve.path}::grantPerm`, { node: group, perms: 15 }],
          [`${eve.path}::grantPerm`, { node: eve.path, perms: 8 }],
          [`${group}::update`, { props: { member_of: eve.id } }],
          [`${eve.path}::update`, { props: { [K.has_perm.mask.key]: 15 } }],
          [`${eve.path}::move`, { to: group }]
        ]
        for (const [path, params] of attempts) {
          const error = yield* refused(path, params, eve.as)
          expect(["PERMISSION_DENIED", "CONSTRAINT_VIOLATED", "INVALID_PARAMS", "NOT_FOUND"]).toContain(error.code)
        }
        expect(yield* digest).toBe(before)
      })
    )
  )
})
