import { describe, expect, it } from "@effect/vitest"
import { K, type Query } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { kernelLayer } from "../../src/index.ts"
import { call, create, database, extensions, install, refused } from "../support/kernel.ts"
import { T, things } from "../support/things.ts"

type Limits = Parameters<typeof kernelLayer>[0]

/** Runs something on a kernel with such limits; the store stays. */
const within = <A, E>(limits: Limits, work: Effect.Effect<A, E, Layer.Success<ReturnType<typeof kernelLayer>>>) =>
  Effect.provide(work, kernelLayer(limits).pipe(Layer.provide(extensions())), { local: true })

/** /top has /top/t0 to /top/t5 and likes the first three; t0 likes t3 likes t4. /deep/a/b/c is a branch. */
const world = Effect.gen(function* () {
  yield* install(things)
  const thing = (path: string, props: object) => create(path, { class: T.Indexed.ref, props })
  const like = (source: string, target: string) => call(`${source}::link`, { edgeClass: T.likes.ref, target })
  yield* create("/top")
  for (let i = 0; i < 6; i++)
    yield* thing(`/top/t${i}`, { name: `n${i % 2}${i < 3 ? " red" : ""}`, age: i, description: "dark red" })
  yield* thing("/hub", {})
  for (const [source, target] of ["hub t0", "hub t1", "hub t2", "t0 t3", "t3 t4"].map((pair) => pair.split(" "))) {
    yield* like(source === "hub" ? "/hub" : `/top/${source}`, `/top/${target}`)
  }
  for (const path of ["/deep", "/deep/a", "/deep/a/b", "/deep/a/b/c"]) yield* create(path)
})

const query = (value: Query) => [K.Node.query.path, value] as const
type Asked = readonly [path: string, params: object]
const indexed = { class: T.Indexed.ref, where: { age: { gte: 2 } } } as const
const unindexed = { class: T.Indexed.ref, where: { name: { contains: "n1" } } } as const
const hub = { nodes: ["/hub"] }

/** What each comes by, by its limit: with just that much it is answered, and refused with one less. */
const costs: ReadonlyArray<readonly [limit: "visited" | "scan", cost: number, asked: Asked]> = [
  ["visited", 3, query({ start: { nodes: ["/top", "/hub", "/deep"] } })],
  // What is found, and one more for each place that is looked at.
  ["visited", 7, query({ start: { under: "/top" } })],
  ["visited", 8, query({ start: { under: "/deep" } })],
  ["visited", 5, query({ start: indexed })],
  ["visited", 4, query({ start: { ...indexed, count: true, page: { limit: 1 } } })],
  ["visited", 4, query({ start: hub, steps: [{ edge: T.likes.ref }] })],
  ["visited", 7, query({ start: hub, steps: [{ edge: T.likes.ref, count: true }] })],
  ["visited", 6, query({ start: hub, steps: [{ edge: T.likes.ref, depth: 3 }] })],
  [
    "visited",
    7,
    query({ start: hub, steps: [{ edge: T.likes.ref }, { from: "start", edge: T.likes.ref, dir: "out" }] })
  ],
  ["visited", 8, query({ start: { nodes: ["/top"] }, steps: [{ edge: "children" }] })],
  ["visited", 10, query({ start: { nodes: ["/top"] }, steps: [{ edge: "children", count: true, ...indexed }] })],
  // Each way of finding words, from the best on, and one more for each.
  ["visited", 9, query({ start: { search: "red" } })],
  ["visited", 18, query({ start: { search: "red", count: true } })],
  ["visited", 3, query({ start: { search: "nothing" } })],
  ["visited", 6, ["/top::countChildren", { ...indexed, where: { age: { gte: 0 } } }]],
  ["visited", 3, ["/hub::countLinks", {}]],
  // Only what is passed over, where it comes in order; all of it where it has to be sorted or counted.
  ["scan", 3, ["/top::listChildren", unindexed]],
  ["scan", 6, ["/top::listChildren", { order: [["rev", "asc"]] }]],
  ["scan", 6, ["/top::countChildren", unindexed]],
  ["scan", 3, query({ start: { ...unindexed, under: "/top" } })],
  ["scan", 6, query({ start: { ...unindexed, under: "/top", count: true } })],
  ["scan", 3, query({ start: { nodes: ["/top"] }, steps: [{ edge: "children", ...unindexed }] })],
  ["scan", 4, query({ start: { search: "red", ...indexed, where: { age: { gte: 4 } } } })],
  ["scan", 4, query({ start: { search: "re", ...indexed, where: { age: { gte: 4 } } } })]
]

describe("the budget of a question", () => {
  it.effect("is what it says, to the last node", () =>
    Effect.gen(function* () {
      yield* within({}, world)
      for (const [limit, cost, [path, params]] of costs) {
        const at = (max: number): Limits => (limit === "scan" ? { scanLimit: max } : { queryVisited: max })
        yield* within(at(cost), call(path, params))
        const less = yield* within(at(cost - 1), refused(path, params))
        expect([path, params, less.details]).toMatchObject([path, params, { limit, max: cost - 1 }])
      }
    }).pipe(Effect.provide(database, { local: true }))
  )
})
