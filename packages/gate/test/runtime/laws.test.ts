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

/** Index of a module to restart once the product is up, and the seconds that the restart gets before the stop. */
const Restart = Schema.Struct({ module: Schema.Literals([0, 1, 2, 7]), before: Schema.Literals([0, 1, 60]) })

/** Starts, perhaps restarts, stops, and waits until nothing moves any more. */
const run = Effect.fnUntraced(function* (
  nodes: ReadonlyArray<Node>,
  interruptAfter: number,
  restart?: typeof Restart.Type
) {
  const log: Array<Event> = []
  const transport = makeMemoryTransport()
  let started = false
  const life = Effect.gen(function* () {
    const instance = yield* GatewayInstance.start(productOf(nodes, log))
    started = true
    if (restart === undefined) return
    yield* Effect.forkChild(Effect.exit(instance.restart(`m${restart.module}`)))
    yield* Effect.sleep(restart.before * 1_000)
  }).pipe(
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
  return { log, bound: transport.listeners.length > 0, started } satisfies Run
})

const refuses = (node: Node): boolean =>
  node.policy === "abort" && ["fails", "dies", "hangs", "hangs hard"].includes(node.fault)

/** Follows what happened step by step, knowing only who needs whom. */
const checkLaws = (nodes: ReadonlyArray<Node>, { bound, log, started }: Run): void => {
  const live = new Set<number>()
  for (const { module, what } of log) {
    if (what === "begin") {
      for (const need of nodes[module]?.needs ?? []) {
        expect(live.has(need), `m${module} begins when m${need} is there`).toBe(true)
      }
    } else if (what === "acquired") {
      expect(live.has(module), `m${module} is there once`).toBe(false)
      live.add(module)
    } else {
      expect(live.delete(module), `m${module} is released only while it is there`).toBe(true)
      nodes.forEach((node, other) => {
        if (node.needs.includes(module)) expect(live.has(other), `m${module} outlives m${other}`).toBe(false)
      })
    }
  }
  expect([...live], "everything that was acquired is released").toEqual([])
  const fatal = nodes.some((node, index) => refuses(node) && indexOf(log, "begin", index) !== -1)
  if (fatal) expect({ bound, started }).toEqual({ bound: false, started: false })
}

const indexOf = (log: ReadonlyArray<Event>, what: Event["what"], module: number): number =>
  log.findIndex((event) => event.what === what && event.module === module)

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

  it.effect.prop(
    "keeps to that through a restart, which a stop may cut short",
    [Graph, Restart],
    ([graph, restart]) =>
      Effect.gen(function* () {
        const nodes = toNodes(graph)
        checkLaws(nodes, yield* run(nodes, 0, restart))
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
