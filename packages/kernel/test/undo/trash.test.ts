import { describe, expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import { defineSchema, K, KernelSchema, nodeClass } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Authority, Kernel } from "../../src/index.ts"
import { bundle, bundleOf, D } from "../support/crm.ts"
import { call, create, digest, get, grant, install, onKernel, refused, rows, user } from "../support/kernel.ts"

const code = (path: string, params?: unknown, as?: Authority) =>
  Effect.map(refused(path, params, as), (error) => error.code)
const contact = (path: string, email: string) => create(path, { class: D.Contact.ref, props: { email } })
const project = (path: string) => create(path, { class: D.Project.ref, props: { title: path } })
const ends = (path: string) =>
  Effect.map(call(`${path}::getLinks`, { direction: "both" }), ({ edges }) =>
    edges.map((edge: { source: string; target: string }) => [edge.source, edge.target])
  )

describe("what was deleted", () => {
  it.effect("is found by no operation, under no address, and not even by the instance itself", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* project("/p")
        const inner = yield* contact("/p/c", "a@x.example")
        yield* project("/q")
        yield* call("/p/c::link", { edgeClass: D.works_on.ref, target: "/q", props: { role: "r" } })
        const ada = yield* user("ada")
        yield* grant(ada.path, `@${inner.id}`, ["READ", "EDIT", "SHARE"])
        yield* grant(ada.path, "/q", ["READ"])
        expect(yield* call("/p::delete", { recursive: true })).toEqual({ deleted: 2 })
        for (const as of [Authority.system, ada.as]) {
          for (const at of ["/p/c", `@${inner.id}`]) {
            for (const method of ["get", "update", "delete", "history", "listChildren", "getLinks", "getTree"]) {
              expect([method, yield* code(`${at}::${method}`, method === "update" ? { props: {} } : {}, as)]).toEqual([
                method,
                "NOT_FOUND"
              ])
            }
            expect(yield* code("/q::getLink", { edgeClass: D.works_on.ref, target: at }, as)).toBe("NOT_FOUND")
            expect(yield* code("/q::move", { to: at }, as)).toMatch(/NOT_FOUND|PERMISSION_DENIED/)
          }
          const links = { edgeClass: D.works_on.ref, direction: "both" }
          expect((yield* call("/q::getLinks", links, as)).edges).toEqual([])
        }
        const kernel = yield* Kernel
        expect((yield* kernel.node(inner.id))._tag).toBe("None")
        expect(yield* kernel.mask(Authority.system, inner.id)).toBe(0)
        const { edges } = yield* call(`/:${D.Contact.ref}::getLinks`, { edgeClass: K.instance_of.ref, direction: "in" })
        expect(edges).toEqual([])
        expect((yield* call(`${ada.path}::listPerms`)).grants.map((one: { path: string }) => one.path)).toEqual(["/q"])
      })
    )
  )

  it.effect(
    "leaves its path and its unique values to others, and comes back whole with everything below and all edges",
    () =>
      onKernel(
        Effect.gen(function* () {
          yield* install(bundle)
          yield* project("/p")
          const inner = yield* contact("/p/c", "a@x.example")
          const { id: other } = yield* project("/q")
          yield* call("/p/c::link", { edgeClass: D.works_on.ref, target: "/q", props: { role: "r" } })
          const { id } = yield* get("/p")
          yield* call("/p::delete", { recursive: true })
          yield* project("/p")
          expect(yield* refused(`@${id}::restore`)).toMatchObject({ code: "PATH_CONFLICT", details: { path: "/p" } })
          yield* call("/p::move", { to: "/", slug: "p2" })
          const thief = yield* contact("/thief", "a@x.example")
          const before = yield* digest
          expect(yield* refused(`@${id}::restore`)).toMatchObject({
            code: "CONSTRAINT_VIOLATED",
            details: { constraint: "unique", props: ["email"], path: "/thief" }
          })
          expect(yield* digest).toBe(before)
          yield* call(`@${thief.id}::delete`)
          expect(yield* call(`@${id}::restore`)).toMatchObject({ id, path: "/p" })
          expect(yield* get("/p/c")).toMatchObject({ id: inner.id, props: { [D.Contact.email.key]: "a@x.example" } })
          expect(yield* ends("/q")).toEqual([[inner.id, other]])
          // It has its value again, and so the thief cannot come back with it.
          expect((yield* refused(`@${thief.id}::restore`)).code).toBe("CONSTRAINT_VIOLATED")
          expect((yield* Effect.flip(contact("/third", "a@x.example"))).code).toBe("CONSTRAINT_VIOLATED")
        })
      )
  )

  it.effect("comes back by its old path or to another one, but not into what is deleted itself", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const { id } = yield* create("/a/b")
        yield* create("/a/b/c")
        yield* call("/a/b::delete", { recursive: true })
        yield* call("/a::delete")
        expect(yield* code(`@${id}::restore`)).toBe("NOT_FOUND")
        expect(yield* call(`@${id}::restore`, { path: "/elsewhere" })).toMatchObject({ path: "/elsewhere" })
        expect((yield* get("/elsewhere/c")).path).toBe("/elsewhere/c")
        expect(yield* call("/a::restore")).toMatchObject({ path: "/a" })
        expect(yield* code("/a::restore")).toBe("INVALID_PARAMS")
        expect(yield* code("/nowhere::restore")).toBe("NOT_FOUND")
        expect(yield* call(K.Node.listTrash.path)).toEqual({ deleted: [] })
      })
    )
  )

  it.effect("makes room in the meantime for other edges, which its own have to fit beside when it comes back", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* contact("/c", "c@x.example")
        for (const path of ["/p1", "/p2", "/p3"]) yield* project(path)
        const work = (target: string) => call("/c::link", { edgeClass: D.works_on.ref, target, props: { role: "r" } })
        yield* work("/p1")
        yield* work("/p2")
        expect((yield* Effect.flip(work("/p3"))).code).toBe("CONSTRAINT_VIOLATED")
        yield* call("/p1::delete")
        yield* work("/p3")
        expect(yield* refused("/p1::restore")).toMatchObject({ details: { constraint: "cardinality", max: 2 } })
        yield* call("/c::unlink", { edgeClass: D.works_on.ref, target: "/p3" })
        yield* call("/p1::restore")
        expect(yield* ends("/p1")).toHaveLength(1)
        // A chain a → b → c whose middle is away may be closed; then the middle cannot come back.
        const block = (from: string, target: string) => call(`${from}::link`, { edgeClass: D.blocks.ref, target })
        yield* block("/p1", "/p2")
        yield* block("/p2", "/p3")
        yield* call("/p2::delete")
        yield* block("/p3", "/p1")
        expect(yield* code("/p2::restore")).toBe("CYCLE")
      })
    )
  )

  it.effect("is found under its old path as what was deleted there last, and leaves nothing behind in the trash", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const made: Array<string> = []
        for (const email of ["one", "two", "three"]) {
          made.push((yield* create("/c", { class: D.Contact.ref, props: { email } })).id)
          yield* call("/c::delete")
        }
        for (const [taken, id] of made.toReversed().entries()) {
          expect((yield* call("/c::restore")).id).toBe(id)
          yield* call("/c::move", { to: "/", slug: `c${taken}` })
        }
        // Others took what it had, and gave it back.
        yield* call("/c2::delete")
        yield* create("/other", { class: D.Contact.ref, props: { email: "one" } })
        yield* call("/other::delete")
        yield* call("/c2::restore")
        yield* call("/other::restore", { path: "/other" }).pipe(Effect.flip)
        expect(yield* rows("SELECT path FROM trash")).toEqual([{ path: "/other" }])
        const claims = yield* rows("SELECT name FROM trash_claims JOIN nodes ON nodes.key = top WHERE slug = 'c2'")
        expect(claims).toEqual([])
      })
    )
  )

  it.effect("of a class that was removed meanwhile says so, and does not hold up its removal", () =>
    onKernel(
      Effect.gen(function* () {
        const Note = nodeClass({ implements: [KernelSchema.interfaces.Container], props: { text: Schema.String } })
        const Pin = nodeClass({})
        const both = defineSchema("notes.example.dev", { classes: { Note, Pin }, imports: [KernelSchema] })
        yield* install(bundleOf(both))
        yield* create("/box")
        yield* create("/box/n", { class: "notes.example.dev:class.Note", props: { text: "t" } })
        yield* call("/box::delete", { recursive: true })
        const without = defineSchema("notes.example.dev", { classes: { Pin }, imports: [KernelSchema] })
        yield* install(bundleOf(without), { breaking: "accept" })
        expect(yield* refused("/box::restore")).toMatchObject({
          code: "SCHEMA_CONFLICT",
          details: { classes: ["notes.example.dev:class.Note"] }
        })
      })
    )
  )
})

describe("the trash", () => {
  it.effect("shows nothing to those who could not READ and EDIT it where it was, and to them one answer for all", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const { id } = yield* create("/a/b", { props: { name: "secret" } })
        const ada = yield* user("ada")
        const ben = yield* user("ben")
        const eve = yield* user("eve")
        yield* grant(ada.path, "/a", ["READ", "EDIT"])
        yield* grant(ben.path, "/a", ["READ"])
        yield* call("/a/b::delete", {}, ada.as)
        const list = (as: Authority) => Effect.map(call(K.Node.listTrash.path, {}, as), ({ deleted }) => deleted)
        expect(yield* list(ada.as)).toMatchObject([{ id, path: "/a/b", class: K.Folder.ref, deletedBy: ada.id }])
        expect(yield* list(ben.as)).toEqual([])
        expect(yield* list(eve.as)).toEqual([])
        const missing = "@0198c0de-0000-7000-8000-000000000001"
        for (const as of [ben.as, eve.as]) {
          const [hidden, absent] = [
            yield* refused(`@${id}::restore`, {}, as),
            yield* refused(`${missing}::restore`, {}, as)
          ]
          expect(hidden.message.replace(id, "it")).toBe(absent.message.replace(missing.slice(1), "it"))
          expect((yield* refused("/a/b::restore", {}, as)).message).toBe((yield* refused("/a/b::get", {}, as)).message)
        }
        // A revoke holds for the trash, too.
        yield* call(`${ada.path}::revokePerm`, { node: "/a", perms: ["EDIT"] })
        expect(yield* list(ada.as)).toEqual([])
        expect(yield* code(`@${id}::restore`, {}, ada.as)).toBe("NOT_FOUND")
      })
    )
  )

  it.effect("gives nobody a bit that they lacked: restored elsewhere as little as moved there", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* create("/mine")
        const { id } = yield* create("/a/b")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", ["READ", "EDIT"])
        yield* grant(ada.path, "/mine", 15)
        yield* call("/a/b::delete", {}, ada.as)
        expect(yield* refused(`@${id}::restore`, { path: "/mine/b" }, ada.as)).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["USE", "SHARE"] }
        })
        yield* call(`@${id}::restore`, {}, ada.as)
      })
    )
  )

  it.effect("pages through what one may restore, passing over the rest", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* create("/b")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", ["READ", "EDIT"])
        for (let i = 0; i < 6; i++) {
          yield* create(`/a/${i}`)
          yield* create(`/b/${i}`)
          yield* call(`/a/${i}::delete`)
          yield* call(`/b/${i}::delete`)
        }
        const seen: Array<string> = []
        for (let cursor: string | undefined, more = true; more; ) {
          const page = yield* call(
            K.Node.listTrash.path,
            { limit: 4, ...(cursor === undefined ? {} : { cursor }) },
            ada.as
          )
          seen.push(...page.deleted.map((one: { path: string }) => one.path))
          cursor = page.next
          more = cursor !== undefined
        }
        expect(seen).toEqual(["/a/5", "/a/4", "/a/3", "/a/2", "/a/1", "/a/0"])
      })
    )
  )

  it.effect("takes away what a deleted identity held, its group or a group of that, and gives it back with them", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        for (const group of ["/identities/team", "/identities/all"]) yield* create(group, { class: K.Group.ref })
        const ada = yield* user("ada")
        yield* call("/identities/team::addMember", { member: ada.path })
        yield* call("/identities/all::addMember", { member: "/identities/team" })
        yield* grant("/identities/all", "/a", ["READ"])
        const reads = Effect.map(Effect.result(get("/a", ada.as)), ({ _tag }) => _tag)
        for (const path of ["/identities/all", "/identities/team", ada.path]) {
          expect(yield* reads).toBe("Success")
          yield* call(`${path}::delete`)
          expect(yield* reads).toBe("Failure")
          const { groups } = yield* call(K.Identity.whoami.path, {}, ada.as)
          expect(groups).toHaveLength(path === "/identities/all" ? 1 : 0)
          if (path !== ada.path) {
            const asked = { identity: ada.path, node: "/a", perms: 1 }
            for (const method of [K.Identity.checkPerm.path, K.Identity.explainPerm.path]) {
              expect(yield* call(method, asked)).toMatchObject({ allowed: false, mask: 0 })
            }
          }
          yield* call(`${path}::restore`)
        }
        expect(yield* reads).toBe("Success")
      })
    )
  )
})

describe("abuse 31: a delete of a subtree of any size", () => {
  it.effect("writes as many rows as one of a single node, and says how much it was, as far as it counted", () =>
    onKernel(
      Effect.gen(function* () {
        const { write } = yield* Database
        const { id } = yield* create("/big")
        const [top] = yield* rows("SELECT key, class FROM nodes WHERE id = ?", id)
        yield* write((tx) =>
          Effect.sync(() => {
            const insert = tx.prepare(
              "INSERT INTO nodes (key, id, parent, slug, class, rev, created_at, updated_at, props) VALUES (?, ?, ?, ?, ?, 1, 0, 0, '{}')"
            )
            for (let i = 0; i < 20_000; i++) {
              insert.run(1_000_000 + i, `i${i}`, top?.key ?? null, `s${i}`, top?.class ?? null)
            }
          })
        )
        const written = Effect.map(rows("SELECT count(*) AS n FROM nodes WHERE rev > 1"), ([row]) => Number(row?.n))
        const before = yield* written
        expect(yield* call("/big::delete", { recursive: true })).toEqual({ deleted: 1_000, more: true })
        expect(yield* written).toBe(before)
        expect(yield* code("/big/s19999::get")).toBe("NOT_FOUND")
        yield* call("/big::restore")
        expect((yield* get("/big/s19999")).slug).toBe("s19999")
      })
    )
  )
})
