import * as NodeServices from "@effect/platform-node/NodeServices"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { GatewayInstance } from "../../src/GatewayInstance.ts"
import { HttpTransport } from "../../src/HttpTransport.ts"
import { makeMemoryTransport } from "../../src/internal/testing/memoryTransport.ts"
import { type Event, type Node, productOf } from "./graph.ts"

const NodeShape = Schema.Struct({
  needs: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 7 }))).check(Schema.isMaxLength(3)),
  fault: Schema.Literals([
    "none",
    "none",
    "none",
    "fails",
    "dies",
    "hangs",
    "hangs hard",
    "releases late",
    "breaks at release"
  ]),
  policy: Schema.Literals(["abort", "degrade"]),
  takes: Schema.Literals([0, 0, 5, 500, 5_000])
})
const Graph = Schema.Array(NodeShape).check(Schema.isMaxLength(8))
/** Seconds after which the start is interrupted; 0 for never. */
const Interruption = Schema.Literals([0, 0, 0, 1, 10, 40])

const toNodes = (graph: typeof Graph.Type): ReadonlyArray<Node> =>
  graph.map((node, index) => ({ ...node, needs: [...new Set(node.needs.filter((need) => need < index))] }))

interface Run {
  readonly log: ReadonlyArray<Event>
  readonly bound: boolean
  readonly started: boolean
}

/** Starts, stops and waits until nothing moves any more. */
const run = Effect.fnUntraced(function* (nodes: ReadonlyArray<Node>, interruptAfter: number) {
  const log: Array<Event> = []
  const transport = makeMemoryTransport()
  let started = false
  const life = GatewayInstance.start(productOf(nodes, log)).pipe(
    Effect.tap(() => Effect.sync(() => (started = true))),
    Effect.scoped,
    Effect.provideService(HttpTransport, transport.service),
    Effect.provideService(Logger.CurrentLoggers, new Set()),
    Effect.provide(NodeServices.layer)
  )
  const fiber = yield* Effect.forkChild(Effect.exit(life))
  if (interruptAfter > 0) {
    for (let second = 0; second < interruptAfter; second++) yield* TestClock.adjust(1_000)
    fiber.interruptUnsafe()
  }
  for (let second = 0; second < 300 && fiber.pollUnsafe() === undefined; second++) yield* TestClock.adjust(1_000)
  expect(fiber.pollUnsafe(), "the start or the stop never ended").toBeDefined()
  yield* Fiber.await(fiber)
  return { log, bound: transport.apps.length > 0, started } satisfies Run
})

const indexOf = (log: ReadonlyArray<Event>, what: Event["what"], module: number): number =>
  log.findIndex((event) => event.what === what && event.module === module)

const checkLaws = (nodes: ReadonlyArray<Node>, { bound, log, started }: Run): void => {
  nodes.forEach((node, index) => {
    const begun = indexOf(log, "begin", index)
    const acquired = indexOf(log, "acquired", index)
    const releases = log.filter((event) => event.what === "released" && event.module === index)
    expect(releases.length, `m${index} is released as often as it was acquired`).toBe(acquired === -1 ? 0 : 1)
    for (const need of node.needs) {
      const needed = indexOf(log, "acquired", need)
      if (begun !== -1) {
        expect(needed, `m${index} begins after m${need} is there`).toBeGreaterThanOrEqual(0)
        expect(needed).toBeLessThan(begun)
      }
      if (acquired !== -1) {
        expect(indexOf(log, "released", need), `m${need} is released after m${index}, which needs it`).toBeGreaterThan(
          indexOf(log, "released", index)
        )
      }
    }
  })
  const refuses = (node: Node) =>
    node.policy === "abort" && ["fails", "dies", "hangs", "hangs hard"].includes(node.fault)
  if (!nodes.some(refuses)) return
  const fatal = nodes.some((node, index) => refuses(node) && indexOf(log, "begin", index) !== -1)
  if (fatal) expect({ bound, started }).toEqual({ bound: false, started: false })
}

describe("the life of modules", () => {
  it.effect.prop(
    "releases only what was acquired, once each and in reverse of need; begins nothing before what it needs",
    [Graph, Interruption],
    ([graph, interruptAfter]) =>
      Effect.gen(function* () {
        const nodes = toNodes(graph)
        checkLaws(nodes, yield* run(nodes, interruptAfter))
      }),
    { arbitrary: { runs: 150 } }
  )

  it.effect("starts modules that do not need each other side by side", () =>
    Effect.gen(function* () {
      const slow: Node = { needs: [], fault: "none", policy: "abort", takes: 1_000 }
      const { log } = yield* run([slow, slow, { ...slow, needs: [0, 1] }], 0)
      expect(log.slice(0, 2).map(({ what }) => what)).toEqual(["begin", "begin"])
    })
  )

  it.effect("does not wait for a whole wave: a module starts as soon as its own needs are there", () =>
    Effect.gen(function* () {
      const quick: Node = { needs: [], fault: "none", policy: "abort", takes: 0 }
      const { log } = yield* run([quick, { ...quick, takes: 20_000 }, { ...quick, needs: [0] }], 0)
      expect(indexOf(log, "acquired", 2)).toBeLessThan(indexOf(log, "acquired", 1))
    })
  )

  it.effect("ends an exit that was asked for with nothing left behind", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(run([{ needs: [], fault: "hangs hard", policy: "degrade", takes: 0 }], 10))
      expect(Exit.isSuccess(exit)).toBe(true)
    })
  )
})
