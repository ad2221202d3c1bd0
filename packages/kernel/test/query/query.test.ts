import { describe, expect, it } from "@effect/vitest"
import { K, type Query } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Authority, kernelLayer } from "../../src/index.ts"
import { call, create, database, extensions, grant, install, onKernel, refused, user } from "../support/kernel.ts"
import { T, things } from "../support/things.ts"

const query = (value: Query, as?: Authority) => call(K.Node.query.path, value, as)
const refusal = (value: Query, as?: Authority) => refused(K.Node.query.path, value, as)

interface Answered {
  readonly nodes: Readonly<Record<string, { readonly path: string; readonly props: object }>>
  readonly start: { readonly nodes: ReadonlyArray<string>; readonly next?: string }
  readonly steps: ReadonlyArray<{
    readonly groups: ReadonlyArray<{
      readonly from: string
      readonly to: ReadonlyArray<{ readonly node: string; readonly depth: number; readonly edge?: object }>
      readonly next?: string
    }>
  }>
}
const pathsIn = (answer: Answered, ids: ReadonlyArray<string>) => ids.map((id) => answer.nodes[id]?.path)
const started = (value: Query, as?: Authority) =>
  Effect.map(query(value, as), (answer: Answered) => pathsIn(answer, answer.start.nodes))
/** `from>to` for each node that a step led to. */
const followed = (value: Query, as?: Authority) =>
  Effect.map(query(value, as), (answer: Answered) =>
    answer.steps.map(({ groups }) =>
      groups.flatMap(({ from, to }) => to.map(({ node }) => pathsIn(answer, [from, node]).join(">")))
    )
  )

const thing = (path: string, props: object = {}) => create(path, { class: T.Indexed.ref, props })
const like = (source: string, target: string, slug?: string) =>
  call(`${source}::link`, { edgeClass: T.likes.ref, target, ...(slug === undefined ? {} : { slug }) })

/** /a has /a/1 and /a/2, and /a/1 has /a/1/x; /a likes /b likes /c likes /a. */
const world = Effect.gen(function* () {
  yield* install(things)
  for (const [i, path] of ["/a", "/a/1", "/a/2", "/a/1/x", "/b", "/c"].entries())
    yield* thing(path, { name: path, age: i })
  for (const [source, target] of [
    ["/a", "/b"],
    ["/b", "/c"],
    ["/c", "/a"]
  ] as const) {
    yield* like(source, target)
  }
})

describe("a query", () => {
  it.effect("starts at nodes, below one, or at all of a class that the caller may READ", () =>
    onKernel(
      Effect.gen(function* () {
        yield* world
        expect(yield* started({ start: { nodes: ["/b", "/a/1", "/b"] } })).toEqual(["/b", "/a/1"])
        const sorted = {
          nodes: ["/b", "/a", "/c"],
          class: T.Indexed.ref,
          where: { age: { gt: 0 } },
          order: [["age", "desc"]]
        } as const
        expect(yield* started({ start: sorted })).toEqual(["/c", "/b"])
        expect(yield* started({ start: { under: "/a" } })).toEqual(["/a/1", "/a/2", "/a/1/x"])
        const below = { under: "/a", class: T.Indexed.ref, order: [["age", "desc"]] } as const
        expect(yield* started({ start: below })).toEqual(["/a/1/x", "/a/2", "/a/1"])
        expect(yield* started({ start: { class: T.Indexed.ref, where: { age: { gte: 3 } } } })).toEqual([
          "/a/1/x",
          "/b",
          "/c"
        ])
        expect(yield* started({ start: { class: T.Plain.ref } })).toEqual([])
        expect((yield* refusal({ start: {} })).code).toBe("INVALID_PARAMS")
        expect((yield* refusal({ start: { nodes: ["/a"], under: "/b" } })).details).toMatchObject({
          issues: [{ path: ["start", "under"] }]
        })
      })
    )
  )

  it.effect("follows edges one way or the other, several in a row, and names each node once", () =>
    onKernel(
      Effect.gen(function* () {
        yield* world
        const start = { nodes: ["/a"] }
        const edge = T.likes.ref
        expect(yield* followed({ start, steps: [{ edge }] })).toEqual([["/a>/b"]])
        expect(yield* followed({ start, steps: [{ edge, dir: "in" }] })).toEqual([["/a>/c"]])
        expect(yield* followed({ start, steps: [{ edge, dir: "both" }] })).toEqual([["/a>/b", "/a>/c"]])
        expect(yield* followed({ start, steps: [{ edge, depth: 16 }] })).toEqual([["/a>/b", "/a>/c"]])
        expect(yield* followed({ start, steps: [{ edge: "children" }] })).toEqual([["/a>/a/1", "/a>/a/2"]])
        expect(yield* followed({ start, steps: [{ edge: "children", depth: 2 }] })).toEqual([
          ["/a>/a/1", "/a>/a/2", "/a>/a/1/x"]
        ])
        expect(yield* followed({ start: { nodes: ["/a/1/x"] }, steps: [{ edge: "parent", depth: 9 }] })).toEqual([
          ["/a/1/x>/a/1", "/a/1/x>/a", "/a/1/x>/"]
        ])
        expect(yield* followed({ start, steps: [{ edge }, { edge }, { from: "start", edge: "children" }] })).toEqual([
          ["/a>/b"],
          ["/b>/c"],
          ["/a>/a/1", "/a>/a/2"]
        ])
        const named = [{ as: "liked", edge }, { edge: "parent" }, { from: "liked", edge }]
        expect(yield* followed({ start, steps: named })).toEqual([["/a>/b"], ["/b>/"], ["/b>/c"]])
        expect((yield* refusal({ start, steps: [{ from: "later" }, { as: "later" }] })).details).toMatchObject({
          issues: [{ path: ["steps", 0, "from"] }]
        })
        expect((yield* refusal({ start, steps: [{ as: "x" }, { as: "x" }] })).code).toBe("INVALID_PARAMS")
      })
    )
  )

  it.effect("says which edge led there, how far it is, and how many there are", () =>
    onKernel(
      Effect.gen(function* () {
        yield* world
        yield* like("/a", "/b", "again")
        const answer = yield* query({
          start: { nodes: ["/a"], count: true, props: ["name"] },
          steps: [{ as: "liked", edge: T.likes.ref, count: true, page: { limit: 1 }, props: [] }]
        })
        const [a, b] = [(yield* call("/a::get")).id, (yield* call("/b::get")).id]
        expect(answer.start).toEqual({ nodes: [a], count: 1 })
        const [step] = answer.steps
        expect(step.as).toBe("liked")
        expect(step.groups).toMatchObject([
          { from: a, count: 2, to: [{ node: b, depth: 1, edge: { class: T.likes.ref, source: a, target: b } }] }
        ])
        expect(answer.nodes[a].props).toEqual({ [T.Indexed.name.key]: "/a" })
        expect(answer.nodes[b].props).toEqual({})
        const page = { limit: 1, cursor: step.groups[0].next }
        const more = yield* query({
          start: { nodes: ["/a"] },
          steps: [{ as: "liked", edge: T.likes.ref, count: true, page, props: [] }]
        })
        expect(more.steps[0].groups).toMatchObject([{ from: a, count: 2, to: [{ edge: { slug: "again" } }] }])
        expect(more.steps[0].groups[0].next).toBeUndefined()
        const none = yield* query({ start: { under: "/a", count: true, page: { limit: 0 } } })
        expect(none).toEqual({ nodes: {}, start: { nodes: [], count: 3 }, steps: [] })
      })
    )
  )

  it.effect("filters and orders what a step leads to, and pages through it", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        yield* thing("/top")
        for (let i = 0; i < 25; i++) {
          yield* thing(`/top/t${i}`, { name: `n${i % 4}`, age: i })
          yield* like("/top", `/top/t${i}`)
        }
        const expected = Array.from({ length: 25 }, (_, i) => i)
          .filter((i) => i % 4 !== 1)
          .sort((a, b) => (a % 4) - (b % 4) || b - a)
          .map((i) => `/top/t${i}`)
        for (const step of [
          { edge: T.likes.ref },
          { edge: "children" },
          { edge: "children", depth: 2 },
          { edge: T.likes.ref, depth: 3 }
        ]) {
          const seen: Array<string | undefined> = []
          let cursor: string | undefined
          do {
            const answer: Answered = yield* query({
              start: { nodes: ["/top"] },
              steps: [
                {
                  ...step,
                  class: T.Indexed.ref,
                  where: { name: { ne: "n1" } },
                  order: [
                    ["name", "asc"],
                    ["age", "desc"]
                  ],
                  page: { limit: 4, ...(cursor === undefined ? {} : { cursor }) }
                }
              ]
            })
            const [group] = answer.steps[0]?.groups ?? []
            seen.push(...pathsIn(answer, group?.to.map(({ node }) => node) ?? []))
            cursor = group?.next
          } while (cursor !== undefined)
          expect([step, seen]).toEqual([step, expected])
        }
        const two = { start: { nodes: ["/top", "/top/t1"] }, steps: [{ edge: "children", page: { cursor: "x" } }] }
        expect((yield* refusal(two)).code).toBe("INVALID_PARAMS")
      })
    )
  )

  it.effect("ends: at a depth, at a number of nodes, and at a number of steps", () =>
    Effect.gen(function* () {
      yield* install(things)
      for (let i = 0; i < 30; i++) yield* thing(`/t${i}`)
      for (let i = 0; i < 30; i++) yield* like(`/t${i}`, `/t${(i + 1) % 30}`)
      const start = { nodes: ["/t0"] }
      const edge = T.likes.ref
      const depth = { code: "LIMIT_EXCEEDED", details: { limit: "depth", max: 16 } }
      expect(yield* refusal({ start, steps: [{ edge, depth: 17 }] })).toMatchObject(depth)
      expect(yield* refusal({ start, steps: [{ edge, depth: 16 }, { edge }] })).toMatchObject(depth)
      expect(
        yield* followed({
          start,
          steps: [
            { edge, depth: 8 },
            { from: "start", edge, depth: 16 }
          ]
        })
      ).toHaveLength(2)
      const visited = { code: "LIMIT_EXCEEDED", details: { limit: "visited", max: 50 } }
      expect(yield* refusal({ start: { under: "/" }, steps: [{ edge, depth: 10 }] })).toMatchObject(visited)
      expect((yield* refusal({ start, steps: Array.from({ length: 17 }, () => ({ edge })) })).code).toBe(
        "LIMIT_EXCEEDED"
      )
    }).pipe(
      Effect.provide(
        kernelLayer({ queryVisited: 50 }).pipe(Layer.provideMerge(database), Layer.provide(extensions())),
        { local: true }
      )
    )
  )
})

describe("what a query may not show (abuse 22)", () => {
  it.effect("changes neither its answers, nor their counts, nor their pages", () =>
    onKernel(
      Effect.gen(function* () {
        yield* world
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a/1", 1)
        yield* grant(ada.path, "/b", 1)
        const asks: ReadonlyArray<Query> = [
          { start: { class: T.Indexed.ref, count: true } },
          { start: { class: T.Indexed.ref, count: true, order: [["name", "desc"]], page: { limit: 1 } } },
          { start: { class: T.Indexed.ref, count: true, where: { age: { gte: 0 } } } },
          { start: { class: K.Node.ref, count: true, page: { limit: 2 } } },
          {
            start: { nodes: ["/b"] },
            steps: [
              { dir: "both", count: true },
              { edge: "parent", count: true }
            ]
          },
          { start: { under: "/a/1", count: true } },
          { start: { search: "b", count: true } }
        ]
        const before = []
        for (const ask of asks) before.push(yield* query(ask, ada.as))
        expect(pathsIn(before[0], before[0].start.nodes)).toEqual(["/b", "/a/1", "/a/1/x"])
        expect(before[0].start.count).toBe(3)
        expect(pathsIn(before[1], before[1].start.nodes)).toEqual(["/b"])
        expect(before[4].steps.map(({ groups }: { groups: unknown }) => groups)).toEqual([
          [{ from: before[4].start.nodes[0], to: [], count: 0 }],
          []
        ])
        // A thousand more of what is hidden from her.
        for (let i = 0; i < 40; i++) {
          yield* thing(`/hidden${i}`, { name: "b", age: i })
          yield* like(`/hidden${i}`, "/b")
        }
        for (const [i, ask] of asks.entries()) {
          const { next: was, ...start } = before[i].start
          const after = yield* query(ask, ada.as)
          const { next: is, ...startAfter } = after.start
          expect([i, startAfter, after.nodes, after.steps]).toEqual([i, start, before[i].nodes, before[i].steps])
          expect(is === undefined).toBe(was === undefined)
        }
      })
    )
  )

  it.effect("is not visited either, so hidden nodes neither take time nor use up a limit", () =>
    Effect.gen(function* () {
      yield* world
      const ada = yield* user("ada")
      yield* grant(ada.path, "/a", 1)
      for (let i = 0; i < 60; i++) yield* thing(`/hidden${i}`, { name: "a b" })
      for (const start of [
        { class: T.Indexed.ref, count: true },
        { search: "a", count: true }
      ]) {
        expect((yield* query({ start }, ada.as)).start.count).toBe(4)
        expect((yield* refusal({ start })).details).toMatchObject({ limit: "visited" })
      }
    }).pipe(
      Effect.provide(
        kernelLayer({ queryVisited: 50 }).pipe(Layer.provideMerge(database), Layer.provide(extensions())),
        { local: true }
      )
    )
  )

  it.effect("is refused as a start in the same words as what is missing", () =>
    onKernel(
      Effect.gen(function* () {
        yield* world
        const ada = yield* user("ada")
        const told = (value: Query, name: string) =>
          Effect.map(refusal(value, ada.as), (error) => JSON.stringify(error).replaceAll(name, "NAME"))
        expect(yield* told({ start: { nodes: ["/b"] } }, "/b")).toBe(yield* told({ start: { nodes: ["/q"] } }, "/q"))
        expect(yield* told({ start: { under: "/b" } }, "/b")).toBe(yield* told({ start: { under: "/q" } }, "/q"))
        expect(yield* started({ start: { class: T.Indexed.ref } }, ada.as)).toEqual([])
        expect(yield* started({ start: { search: "b" } }, Authority.anonymous)).toEqual([])
      })
    )
  )

  it.effect("stays hidden by a bound of the credential, and is shown below its nodes", () =>
    onKernel(
      Effect.gen(function* () {
        yield* world
        const ada = yield* user("ada")
        yield* grant(ada.path, "/", 1)
        const { id } = yield* call("/a/1::get")
        const narrow = Authority.narrow(ada.as, { nodes: [id], perms: 1 })
        expect(yield* started({ start: { class: T.Indexed.ref } }, narrow)).toEqual(["/a/1", "/a/1/x"])
        expect(yield* started({ start: { search: "a" } }, narrow)).toEqual(["/a/1/x", "/a/1"])
        const nothing = Authority.narrow(ada.as, { nodes: "all", perms: 2 })
        expect(yield* started({ start: { class: T.Indexed.ref } }, nothing)).toEqual([])
      })
    )
  )

  it.effect("is followed to children and to the parent by callers without a credential, who may READ no schema", () =>
    onKernel(
      Effect.gen(function* () {
        yield* world
        yield* grant("/identities/everyone", "/a", 1)
        const steps = [{ edge: "children" }, { edge: "parent" }, { edge: "children", depth: 2 }]
        expect(yield* followed({ start: { nodes: ["/a"] }, steps }, Authority.anonymous)).toEqual(
          yield* followed({ start: { nodes: ["/a"] }, steps })
        )
      })
    )
  )

  it.effect("is gone with what was deleted, and back with what was restored", () =>
    onKernel(
      Effect.gen(function* () {
        yield* world
        const { id } = yield* call("/a::get")
        yield* call("/a::delete", { recursive: true })
        for (const start of [
          { class: T.Indexed.ref, count: true },
          { search: "1", count: true }
        ]) {
          const answer = yield* query({ start })
          const shown = start.class === undefined ? [] : ["/b", "/c"]
          expect([pathsIn(answer, answer.start.nodes), answer.start.count]).toEqual([shown, shown.length])
        }
        expect(yield* followed({ start: { nodes: ["/b"] }, steps: [{ dir: "both" }] })).toEqual([["/b>/c"]])
        yield* call(`@${id}::restore`)
        expect(yield* started({ start: { search: "x" } })).toEqual(["/a/1/x"])
        expect((yield* query({ start: { class: T.Indexed.ref, count: true } })).start.count).toBe(6)
      })
    )
  )
})
