import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority } from "../../src/index.ts"
import { bundle, D } from "../support/crm.ts"
import { call, create, grant, install, onKernel, refused, user } from "../support/kernel.ts"

const slugs = (page: { nodes: ReadonlyArray<{ slug: string }> }) => page.nodes.map(({ slug }) => slug)

const pages = Effect.fnUntraced(function* (path: string, params: object) {
  const seen: Array<string> = []
  let cursor: string | undefined
  do {
    const page = yield* call(`${path}::listChildren`, { ...params, ...(cursor === undefined ? {} : { cursor }) })
    seen.push(...slugs(page))
    cursor = page.next
  } while (cursor !== undefined)
  return seen
})

describe("listChildren", () => {
  it.effect("pages by slug, and by class where one is asked for", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/a")
        for (const slug of ["c", "a", "b", "é", "B"]) yield* create(`/a/${slug}`)
        for (const slug of ["z", "y"]) yield* create(`/a/${slug}`, { class: D.Project.ref, props: { title: slug } })
        const all = ["B", "a", "b", "c", "y", "z", "é"]
        for (const limit of [1, 2, 3, 7, 8]) expect(yield* pages("/a", { limit })).toEqual(all)
        expect(yield* pages("/a", { class: D.Project.ref, limit: 1 })).toEqual(["y", "z"])
        expect((yield* pages("/a", { class: K.Container.ref, limit: 2 })).sort()).toEqual(all)
        expect((yield* pages("/a", { class: K.Node.ref, limit: 3 })).sort()).toEqual(all)
        expect(yield* pages("/a", { class: K.Named.ref, limit: 2 })).toHaveLength(5)
        expect((yield* refused("/a::listChildren", { class: "x.example.dev:class.Y" })).code).toBe("CLASS_NOT_FOUND")
        expect((yield* refused("/a::listChildren", { limit: 1001 })).code).toBe("LIMIT_EXCEEDED")
      })
    )
  )

  it.effect("shows a node that does not change exactly once, whatever else comes and goes while paging", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        for (let i = 10; i < 40; i++) yield* create(`/a/s${i}`)
        const seen: Array<string> = []
        let cursor: string | undefined
        for (let round = 0; ; round++) {
          const page = yield* call("/a::listChildren", { limit: 4, ...(cursor === undefined ? {} : { cursor }) })
          seen.push(...slugs(page))
          cursor = page.next
          if (cursor === undefined) break
          yield* create(`/a/s${10 + round}x`)
          yield* call(`/a/s${11 + 2 * round}::delete`)
        }
        const kept = Array.from({ length: 15 }, (_, i) => `s${10 + 2 * i}`)
        for (const slug of kept) expect(seen.filter((each) => each === slug)).toHaveLength(1)
      })
    )
  )

  it.effect("takes a cursor only for the call and the caller that got it", () =>
    onKernel(
      Effect.gen(function* () {
        for (const path of ["/a", "/a/1", "/a/2", "/b", "/b/1", "/b/2"]) yield* create(path)
        const [ada, bob] = [yield* user("ada"), yield* user("bob")]
        for (const { path } of [ada, bob]) yield* grant(path, "/", 1)
        const { next } = yield* call("/a::listChildren", { limit: 1 }, ada.as)
        expect(slugs(yield* call("/a::listChildren", { limit: 5, cursor: next }, ada.as))).toEqual(["2"])
        // 128 bits of a MAC before the place.
        expect(Buffer.from(next, "base64url").subarray(16).toString()).toBe('["1"]')
        const invalid = (path: string, params: object, as: Authority) =>
          Effect.map(refused(path, params, as), (error) => expect(error.code).toBe("CURSOR_INVALID"))
        yield* invalid("/a::listChildren", { cursor: next }, bob.as)
        yield* invalid("/a::listChildren", { cursor: next }, Authority.system)
        yield* invalid("/b::listChildren", { cursor: next }, ada.as)
        yield* invalid("/a::listChildren", { cursor: next, class: K.Folder.ref }, ada.as)
        yield* invalid("/a::getLinks", { cursor: next }, ada.as)
        yield* invalid("/a::listChildren", { cursor: "" }, ada.as)
        yield* invalid("/a::listChildren", { cursor: "forged" }, ada.as)
        yield* invalid(
          "/a::listChildren",
          { cursor: Buffer.from(`0123456789abcdef["0"]`).toString("base64url") },
          ada.as
        )
        yield* invalid("/a::listChildren", { cursor: next.slice(0, -2) }, ada.as)
      })
    )
  )
})

describe("a cursor", () => {
  it.effect("of any list goes on with just what was asked, of just that node (abuse 35)", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        for (const name of ["team", "crew"]) yield* create(`/identities/${name}`, { class: K.Group.ref })
        const [ada, bob] = [yield* user("ada"), yield* user("bob")]
        for (const path of ["/p", "/q", "/r"]) yield* create(path, { class: D.Project.ref, props: { title: path } })
        for (const source of ["/p", "/q"]) {
          yield* call(`${source}::link`, { edgeClass: D.blocks.ref, target: "/r" })
          yield* call(`${source}::link`, { edgeClass: D.blocks.ref, target: "/r", slug: "again" })
          yield* call(`${source}::update`, { props: { title: "other" } })
        }
        for (const { path } of [ada, bob]) {
          for (const group of ["team", "crew"]) yield* call(`/identities/${group}::addMember`, { member: path })
          for (const node of ["/p", "/q", "/r"]) yield* grant(path, node, 3)
        }
        const { query, listTrash } = K.Node
        const accessible = K.Identity.listAccessible.path
        const steps = (start: string, more: object) => ({ start: { nodes: [start] }, steps: [{ page: {}, ...more }] })
        const lists: ReadonlyArray<
          readonly [path: string, params: object, others: ReadonlyArray<readonly [string, object]>]
        > = [
          [
            "/p::getLinks",
            { direction: "both" },
            [
              ["/q::getLinks", { direction: "both" }],
              ["/p::getLinks", { direction: "out" }],
              ["/p::getLinks", { direction: "both", edgeClass: D.blocks.ref }]
            ]
          ],
          ["/p::history", {}, [["/q::history", {}]]],
          [`${ada.path}::listPerms`, {}, [[`${bob.path}::listPerms`, {}]]],
          ["/identities/team::listMembers", {}, [["/identities/crew::listMembers", {}]]],
          [
            "/p::listHolders",
            { perms: 1 },
            [
              ["/p::listHolders", { perms: 2 }],
              ["/q::listHolders", { perms: 1 }]
            ]
          ],
          [
            accessible,
            { identity: ada.path, perms: 1, under: "/" },
            [
              [accessible, { identity: ada.path, perms: 2, under: "/" }],
              [accessible, { identity: bob.path, perms: 1, under: "/" }],
              [accessible, { identity: ada.path, perms: 1 }],
              [accessible, { identity: ada.path, perms: 1, under: "/", class: D.Project.ref }]
            ]
          ],
          [
            query.path,
            { start: { class: D.Project.ref } },
            [
              [query.path, { start: { class: K.Group.ref } }],
              [query.path, { start: { class: D.Project.ref, order: [["slug", "desc"]] } }],
              [query.path, { start: { class: D.Project.ref, under: "/" } }]
            ]
          ],
          [
            query.path,
            steps("/p", { edge: D.blocks.ref }),
            [
              [query.path, steps("/q", { edge: D.blocks.ref })],
              [query.path, steps("/p", { edge: D.blocks.ref, dir: "both" })],
              [query.path, steps("/p", { edge: D.blocks.ref, where: { slug: { ne: "x" } } })]
            ]
          ]
        ]
        /** With a limit of one, and a cursor, wherever these go. */
        const paged = (params: object, cursor?: string): object => {
          const page = { limit: 1, ...(cursor === undefined ? {} : { cursor }) }
          if ("steps" in params && Array.isArray(params.steps)) {
            return { ...params, steps: params.steps.map((step) => ({ ...step, page })) }
          }
          return "start" in params ? { start: { ...(params.start as object), page } } : { ...params, ...page }
        }
        const nextOf = (answer: {
          readonly next?: string
          readonly start?: { readonly next?: string }
          readonly steps?: ReadonlyArray<{ readonly groups: ReadonlyArray<{ readonly next?: string }> }>
        }) => answer.next ?? answer.start?.next ?? answer.steps?.[0]?.groups[0]?.next
        for (const [path, params, others] of lists) {
          const next = nextOf(yield* call(path, paged(params)))
          expect([path, typeof next]).toEqual([path, "string"])
          yield* call(path, paged(params, next))
          for (const [other, changed] of [...others, [listTrash.path, {}] as const]) {
            const asked = other === listTrash.path ? { cursor: next } : paged(changed, next)
            expect([other, changed, (yield* refused(other, asked)).code]).toEqual([other, changed, "CURSOR_INVALID"])
          }
        }
      })
    )
  )
})

describe("getTree", () => {
  it.effect("answers parents before children, to a depth and a limit, and says when there is more", () =>
    onKernel(
      Effect.gen(function* () {
        for (const path of ["/a", "/a/x", "/a/y", "/a/x/1", "/a/x/2", "/a/x/1/deep"]) yield* create(path)
        const paths = (tree: { nodes: ReadonlyArray<{ path: string }> }) => tree.nodes.map(({ path }) => path)
        const whole = yield* call("/a::getTree")
        expect(paths(whole)).toEqual(["/a", "/a/x", "/a/y", "/a/x/1", "/a/x/2", "/a/x/1/deep"])
        expect(whole.truncated).toBe(false)
        expect(paths(yield* call("/a::getTree", { depth: 1 }))).toEqual(["/a", "/a/x", "/a/y"])
        expect(paths(yield* call("/a::getTree", { depth: 0 }))).toEqual(["/a"])
        const cut = yield* call("/a::getTree", { limit: 4 })
        expect(paths(cut)).toEqual(["/a", "/a/x", "/a/y", "/a/x/1"])
        expect(cut.truncated).toBe(true)
        expect((yield* call("/a::getTree", { limit: 6 })).truncated).toBe(false)
      })
    )
  )
})
