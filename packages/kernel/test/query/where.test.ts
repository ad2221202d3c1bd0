import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Authority, kernelLayer } from "../../src/index.ts"
import { bundle, D } from "../support/crm.ts"
import {
  call,
  create,
  database,
  digest,
  extensions,
  grant,
  install,
  onKernel,
  refused,
  user
} from "../support/kernel.ts"
import { T, things, thingsWith } from "../support/things.ts"

const slugsOf = (page: { nodes: ReadonlyArray<{ slug: string }> }) => page.nodes.map(({ slug }) => slug)
const list = (params: object, as?: Authority) => Effect.map(call("/::listChildren", params, as), slugsOf)

/** A kernel that looks at ten nodes and no more. */
const frugal = <A, E>(test: Effect.Effect<A, E, Layer.Success<typeof frugalKernel>>) =>
  Effect.provide(test, frugalKernel, { local: true })
const frugalKernel = kernelLayer({ scanLimit: 10 }).pipe(Layer.provideMerge(database), Layer.provide(extensions()))

describe("the keys of a where", () => {
  it.effect("are qualified, or short, or what the kernel keeps of every node", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        yield* install(bundle)
        yield* create("/a", { class: T.Indexed.ref, props: { name: "A", description: "x" } })
        const { rev, createdAt } = yield* create("/b", { class: T.Plain.ref, props: { name: "A" } }).pipe(
          Effect.flatMap(() => call("/b::get"))
        )
        yield* create("/c", { class: D.Contact.ref, props: { email: "c", name: "A" } })
        expect(yield* list({ where: { [T.Indexed.name.key]: { eq: "A" } } })).toEqual(["a"])
        expect(yield* list({ class: T.Plain.ref, where: { name: { eq: "A" } } })).toEqual(["b"])
        expect(yield* list({ where: { description: { eq: "x" } } })).toEqual(["a"])
        expect(yield* list({ where: { email: { exists: true } } })).toEqual(["c"])
        expect(yield* list({ where: { rev: { eq: rev } } })).toEqual(["b"])
        expect(yield* list({ where: { slug: { in: ["a", "c", "none"] } } })).toEqual(["a", "c"])
        expect(yield* list({ where: { slug: { gte: "a", lt: "c" } } })).toEqual(["a", "b"])
        expect(yield* list({ where: { slug: { startsWith: "ident" } } })).toEqual(["identities"])
        expect(yield* list({ where: { class: { eq: T.Plain.ref } } })).toEqual(["b"])
        expect(yield* list({ where: { createdAt: { lt: createdAt } } })).toEqual([])
        const byClass = { where: { slug: { in: ["a", "b", "c"] } }, order: [["class", "desc"]], limit: 2 }
        expect(yield* list(byClass)).toEqual(["b", "a"])
        expect(yield* list({ where: { slug: { in: ["a", "b", "c"] } }, order: [["slug", "desc"]] })).toEqual([
          "c",
          "b",
          "a"
        ])
      })
    )
  )

  it.effect("are refused one by one where they name nothing, or more than one thing", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        yield* install(bundle)
        const asked = {
          where: { or: [{ slug: { eq: "x" } }, { nmae: { eq: 1 } }], not: { name: { eq: "A" } } },
          order: [["name", "asc"]]
        }
        expect(yield* refused("/::listChildren", asked)).toMatchObject({
          code: "INVALID_PARAMS",
          details: {
            issues: [
              { path: ["where", "or", 1, "nmae"], code: "unknown_property" },
              { path: ["where", "not", "name"], code: "ambiguous" }
            ]
          }
        })
        const ofClass = { class: T.Plain.ref, where: { email: { eq: "x" } } }
        expect((yield* refused("/::listChildren", ofClass)).details).toMatchObject({
          issues: [{ path: ["where", "email"], message: `${T.Plain.ref} has no such property` }]
        })
        expect((yield* refused("/::listChildren", { order: [["nmae", "asc"]] })).details).toMatchObject({
          issues: [{ path: ["order", 0, 0], code: "unknown_property" }]
        })
        for (const [where, path] of [
          [{ slug: {} }, ["where", "slug"]],
          [{ slug: { like: "x" } }, ["where", "slug", "like"]],
          [{ slug: "x" }, ["where", "slug"]],
          [{ and: [{ slug: { lt: null } }] }, ["where", "and", 0, "slug", "lt"]],
          [{ or: {} }, ["where", "or"]],
          [{ slug: { in: "x" } }, ["where", "slug", "in"]],
          [{ slug: { exists: 1 } }, ["where", "slug", "exists"]]
        ] as const) {
          const { code, details } = yield* refused("/::listChildren", { where })
          expect([code, details]).toMatchObject(["INVALID_PARAMS", { issues: [{ path }] }])
        }
      })
    )
  )

  it.effect("of a schema that the caller may not see are unknown to them (abuse 22)", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install({ ...things, grants: { authenticated: 0 } })
        const ada = yield* user("ada")
        yield* grant(ada.path, ada.path, 1)
        const told = (where: object) =>
          Effect.map(refused(`${ada.path}::listChildren`, { where }, ada.as), (error) => {
            const { issues } = error.details as { issues: ReadonlyArray<{ code: string; message: string }> }
            return issues.map(({ code, message }) => [code, message])
          })
        expect(yield* told({ age: { eq: 1 } })).toEqual(yield* told({ none: { eq: 1 } }))
        expect(yield* told({ [T.Plain.age.key]: { eq: 1 } })).toEqual(
          yield* told({ "none.example.dev:class.X.property.age": { eq: 1 } })
        )
      })
    )
  )
})

describe("a where", () => {
  it.effect("is bounded in size and depth (abuse 28)", () =>
    onKernel(
      Effect.gen(function* () {
        let deep: object = { slug: { eq: "x" } }
        for (let i = 0; i < 17; i++) deep = { not: deep }
        expect(yield* refused("/::listChildren", { where: deep })).toMatchObject({
          code: "LIMIT_EXCEEDED",
          details: { limit: "filterDepth", max: 16 }
        })
        const wide = { and: [1, 2].map(() => ({ or: Array.from({ length: 200 }, () => ({ slug: { eq: "x" } })) })) }
        expect(yield* refused("/::listChildren", { where: wide })).toMatchObject({
          code: "LIMIT_EXCEEDED",
          details: { limit: "conditions", max: 256 }
        })
        const parts = (...lengths: ReadonlyArray<number>) => ({
          and: lengths.map((length) => ({ or: Array.from({ length }, () => ({ slug: { eq: "x" } })) }))
        })
        expect(yield* list({ where: parts(200, 56) })).toEqual([])
        expect((yield* refused("/::listChildren", { where: parts(200, 57) })).details).toMatchObject({ max: 256 })
        const many = { slug: { in: Array.from({ length: 257 }, () => "x") } }
        expect((yield* refused("/::listChildren", { where: many })).code).toBe("INVALID_PARAMS")
        for (const key of ["__proto__", "constructor", "toString"]) {
          const where = JSON.parse(`{ "${key}": { "eq": 1 } }`)
          expect((yield* refused("/::listChildren", { where })).code).toBe("INVALID_PARAMS")
        }
      })
    )
  )

  it.effect("that is SQL, a pattern or a wildcard is text (abuse 35)", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        const evil = `'; DROP TABLE node_index; --" OR 1=1 % _ * .* (a+)+$ \u0000`
        yield* create("/a", { class: T.Indexed.ref, props: { name: evil } })
        yield* create("/b", { class: T.Indexed.ref, props: { name: "aaaa" } })
        const before = yield* digest
        for (const op of ["eq", "startsWith", "contains", "gte"]) {
          const found = yield* list({ class: T.Indexed.ref, where: { name: { [op]: evil } } })
          expect([op, found]).toEqual([op, op === "gte" ? ["a", "b"] : ["a"]])
        }
        for (const part of ["%", "_", "*", ".*", "\u0000"]) {
          expect(yield* list({ class: T.Indexed.ref, where: { name: { contains: part } } })).toEqual(["a"])
        }
        expect((yield* refused("/::listChildren", { where: { [evil]: { eq: 1 } } })).code).toBe("INVALID_PARAMS")
        expect((yield* refused("/::listChildren", { order: [[evil, "asc"]] })).code).toBe("INVALID_PARAMS")
        expect((yield* refused("/::listChildren", { order: [["slug", "asc; DROP"]] })).code).toBe("INVALID_PARAMS")
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("that would look at too much is refused, and names the index that would serve it", () =>
    frugal(
      Effect.gen(function* () {
        yield* install(thingsWith([]))
        for (let i = 0; i < 12; i++)
          yield* create(`/t${i}`, { class: T.Indexed.ref, props: { name: `n${i}`, age: i % 2 } })
        const asked = { class: T.Indexed.ref, where: { age: { eq: 1 } }, order: [["name", "asc"]], limit: 3 }
        expect(yield* refused("/::listChildren", asked)).toMatchObject({
          code: "LIMIT_EXCEEDED",
          message: `this looks at more than 10 nodes: an index of ${T.Indexed.ref} on ["age","name"] would serve it`,
          details: { limit: "scan", max: 10, index: ["age", "name"], class: T.Indexed.ref }
        })
        expect(
          (yield* refused("/::countChildren", { class: T.Indexed.ref, where: { age: { gt: 0 } } })).details
        ).toEqual({
          limit: "scan",
          max: 10,
          index: ["age"],
          class: T.Indexed.ref
        })
        const none = { where: { slug: { contains: "none" } }, class: T.Indexed.ref }
        expect((yield* refused("/::listChildren", none)).details).toMatchObject({ index: [] })
        yield* install(thingsWith([["age", "name"]]))
        expect(yield* list(asked)).toEqual(["t1", "t11", "t3"])
        expect(yield* call("/::countChildren", { class: T.Indexed.ref, where: { age: { eq: 1 } } })).toEqual({
          count: 6
        })
        // Only what leads to nothing counts: a full page may be as long as it likes.
        expect(yield* list({ class: T.Indexed.ref, where: { age: { gte: 0 } } })).toHaveLength(12)
      })
    )
  )
})

describe("pages of a where and an order", () => {
  it.effect("show what does not change exactly once, whatever else comes, goes and changes", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        const asks = [
          { class: T.Indexed.ref, where: { age: { gte: 0 } }, order: [["name", "desc"]] },
          { class: T.Indexed.ref, where: { age: { eq: 1 } }, order: [["name", "asc"]] },
          { class: T.Indexed.ref, order: [["tags", "asc"]] },
          { class: T.Indexed.ref, where: { name: { exists: true } } }
        ]
        for (const [n, ask] of asks.entries()) {
          const top = `/p${n}`
          yield* create(top)
          const make = (slug: string, i: number) =>
            create(`${top}/${slug}`, { class: T.Indexed.ref, props: { name: `n${i % 7}`, age: 1, tags: [`${i % 5}`] } })
          for (let i = 0; i < 30; i++) yield* make(`s${i}`, i)
          const seen: Array<string> = []
          let cursor: string | undefined
          for (let round = 0; ; round++) {
            const page = yield* call(`${top}::listChildren`, {
              ...ask,
              limit: 4,
              ...(cursor === undefined ? {} : { cursor })
            })
            seen.push(...slugsOf(page))
            cursor = page.next
            if (cursor === undefined) break
            // Even ones stay as they are.
            yield* make(`x${round}`, round)
            if (round < 7) yield* call(`${top}/s${round * 4 + 1}::delete`)
            if (round < 7)
              yield* call(`${top}/s${round * 4 + 3}::update`, { props: { name: `n${round}z`, tags: ["9"] } })
          }
          for (let i = 0; i < 30; i += 2)
            expect([n, i, seen.filter((slug) => slug === `s${i}`).length]).toEqual([n, i, 1])
        }
      })
    )
  )

  it.effect("have cursors for just that call by that caller (abuse 35)", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        for (const i of [1, 2, 3]) yield* create(`/t${i}`, { class: T.Indexed.ref, props: { name: `n${i}`, age: 1 } })
        const ada = yield* user("ada")
        yield* grant(ada.path, "/", 1)
        const ask = { class: T.Indexed.ref, where: { age: { eq: 1 } }, order: [["name", "asc"]], limit: 1 }
        const { next } = yield* call("/::listChildren", ask, ada.as)
        expect(yield* list({ ...ask, limit: 2, cursor: next }, ada.as)).toEqual(["t2", "t3"])
        const invalid = (params: object, as: Authority) =>
          Effect.map(refused("/::listChildren", { ...ask, cursor: next, ...params }, as), (error) =>
            expect(error.code).toBe("CURSOR_INVALID")
          )
        yield* invalid({}, Authority.system)
        yield* invalid({ where: { age: { eq: 2 } } }, ada.as)
        yield* invalid({ order: [["name", "desc"]] }, ada.as)
        yield* invalid({ order: [] }, ada.as)
        yield* invalid({ class: K.Node.ref, where: {}, order: [] }, ada.as)
        yield* invalid({ cursor: `${next}x` }, ada.as)
      })
    )
  )

  it.effect("end with an install that takes away the index whose order they had", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        for (const i of [1, 2, 3]) yield* create(`/t${i}`, { class: T.Indexed.ref, props: { name: `n${i}`, age: 1 } })
        const ask = { class: T.Indexed.ref, where: { age: { eq: 1 } }, limit: 1 }
        const { next } = yield* call("/::listChildren", ask)
        const { limit, ...start } = ask
        const query = (page: object) => ({ start: { ...start, page: { limit, ...page } } })
        const asked = yield* call(K.Node.query.path, query({}))
        yield* install(thingsWith([]))
        expect((yield* refused("/::listChildren", { ...ask, cursor: next })).code).toBe("CURSOR_INVALID")
        const again = query({ cursor: asked.start.next })
        expect((yield* refused(K.Node.query.path, again)).code).toBe("CURSOR_INVALID")
      })
    )
  )
})

describe("countChildren and countLinks", () => {
  it.effect("count what the lists would show, and nothing hidden (abuse 22)", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        for (const path of ["/a", "/a/1", "/a/2"]) yield* create(path, { class: T.Plain.ref, props: { name: path } })
        yield* create("/a/3")
        expect(yield* call("/a::countChildren")).toEqual({ count: 3 })
        expect(yield* call("/a::countChildren", { class: T.Plain.ref })).toEqual({ count: 2 })
        expect(yield* call("/a::countChildren", { where: { slug: { gt: "1" } } })).toEqual({ count: 2 })
        for (const target of ["/a/1", "/a/2"]) yield* call("/a::link", { edgeClass: T.likes.ref, target })
        yield* call("/a/1::link", { edgeClass: T.likes.ref, target: "/a" })
        expect(yield* call("/a::countLinks")).toEqual({ count: 2 })
        expect(yield* call("/a::countLinks", { direction: "both" })).toEqual({ count: 3 })
        expect(yield* call("/a::countLinks", { edgeClass: T.likes.ref, where: { slug: { eq: "2" } } })).toEqual({
          count: 1
        })
        expect(yield* call("/a::countLinks", { class: K.Folder.ref })).toEqual({ count: 0 })
        expect(yield* call("/a::countLinks", { edgeClass: K.has_parent.ref, direction: "in" })).toEqual({ count: 3 })
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a/1", 1)
        expect(yield* call("/a/1::countLinks", { direction: "both" }, ada.as)).toEqual({ count: 0 })
        yield* grant("/identities/everyone", "/a", 1)
        expect(yield* call("/a::countChildren", {}, Authority.anonymous)).toEqual({ count: 3 })
        expect(yield* call("/a/1::countLinks", { direction: "both" }, Authority.anonymous)).toEqual({ count: 2 })
      })
    )
  )
})
