import * as NodeServices from "@effect/platform-node/NodeServices"
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as TestClock from "effect/testing/TestClock"
import { GatewayInstance } from "../../src/GatewayInstance.ts"
import { HttpTransport } from "../../src/HttpTransport.ts"
import { makeMemoryTransport } from "../../src/internal/testing/memoryTransport.ts"
import type { ModuleState } from "../../src/ModuleState.ts"
import type { StartTrace } from "../../src/StartTrace.ts"
import { type Event, type Node, productOf, startFaults } from "./graph.ts"

/** When the life is interrupted: some time after its beginning, or when this happens to that module. */
export type Interruption = { readonly after: number } | Event

/** Which module is restarted once the product is up, and the milliseconds that the restart gets before the stop. */
export interface Restart {
  readonly module: number
  readonly before: number
}

export interface Plot {
  readonly interruption?: Interruption | undefined
  readonly restart?: Restart | undefined
}

/** What was seen of one life. */
export interface Seen {
  readonly log: ReadonlyArray<Event>
  readonly bound: boolean
  /** The states when the start was over; `undefined` if it did not end well. */
  readonly states: ReadonlyArray<ModuleState> | undefined
  readonly startTrace: StartTrace | undefined
  /** Fibers that still run when all is over, except those that hang by design. */
  readonly fibers: number
  readonly interrupted: boolean
}

const hour = 3_600_000

/** Starts, perhaps restarts or interrupts, stops, and waits until nothing moves any more. */
export const live = Effect.fnUntraced(function* (nodes: ReadonlyArray<Node>, { interruption, restart }: Plot = {}) {
  const log: Array<Event> = []
  const transport = makeMemoryTransport()
  let states: ReadonlyArray<ModuleState> | undefined
  let startTrace: StartTrace | undefined
  let interrupted = false
  let fibers = 0
  const interrupt = (): void => {
    interrupted = true
    fiber.interruptUnsafe()
  }
  const tell = (event: Event): void => {
    log.push(event)
    const isDue = interruption !== undefined && !("after" in interruption) && !interrupted
    if (isDue && interruption.what === event.what && interruption.module === event.module) interrupt()
  }
  const life = Effect.gen(function* () {
    // Whatever a wake of the clock sets in motion is waited for before time goes on; so all begins with one.
    yield* Effect.sleep(1)
    const instance = yield* GatewayInstance.start(productOf(nodes, tell))
    states = yield* instance.states
    startTrace = instance.startTrace
    if (restart === undefined) return
    yield* Effect.forkChild(Effect.exit(instance.restart(`m${restart.module}`)))
    yield* Effect.sleep(restart.before)
  }).pipe(
    Effect.scoped,
    Effect.provideService(HttpTransport, transport.service),
    Effect.provideService(Logger.CurrentLoggers, new Set()),
    Effect.provideService(Metric.FiberRuntimeMetrics, {
      recordFiberStart: () => void fibers++,
      recordFiberEnd: () => void fibers--
    }),
    Effect.provide(NodeServices.layer)
  )
  const fiber: Fiber.Fiber<unknown> = yield* Effect.forkChild(Effect.exit(life))
  if (interruption !== undefined && "after" in interruption) {
    yield* Effect.forkChild(Effect.delay(Effect.sync(interrupt), 1 + interruption.after))
  }
  yield* Effect.yieldNow
  yield* TestClock.adjust(hour)
  expect(fiber.pollUnsafe(), "the start or the stop never ended").toBeDefined()
  yield* Fiber.await(fiber)
  return { log, bound: transport.listeners.length > 0, states, startTrace, fibers, interrupted } satisfies Seen
})

const isFault = (faults: ReadonlyArray<string>, { fault }: Node): boolean => faults.includes(fault)

/** Follows what happened step by step, knowing only who needs whom. */
export const checkLaws = (nodes: ReadonlyArray<Node>, seen: Seen): void => {
  const live = new Set<number>()
  for (const { module, what } of seen.log) {
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
  // These two cannot be ended from outside: the framework leaves them behind and says so.
  if (!nodes.some((node) => isFault(["hangs hard", "never releases"], node))) {
    expect(seen.fibers, "no fiber is left").toBe(0)
  }
}

/** Which modules must be ready after a start that was let be: worked out one by one, without the framework's plan. */
export const checkStates = (nodes: ReadonlyArray<Node>, { bound, log, states }: Seen): void => {
  const failsStart = (node: Node): boolean => isFault(startFaults, node)
  const ready: Array<boolean> = []
  for (const node of nodes) ready.push(!failsStart(node) && node.needs.every((need) => ready[need]))
  const begins = (node: Node): boolean => node.needs.every((need) => ready[need])
  const isFatal = nodes.some((node) => failsStart(node) && node.policy === "abort" && begins(node))
  if (isFatal) {
    expect({ bound, states }, "a module that may not be missing is missing").toEqual({
      bound: false,
      states: undefined
    })
    return
  }
  const shown = states?.map(({ id, status }) => `${id} ${status}`).sort()
  expect(shown).toEqual(ready.map((isReady, index) => `m${index} ${isReady ? "ready" : "degraded"}`).sort())
  for (const [index, node] of nodes.entries()) {
    expect(
      log.some(({ module }) => module === index),
      `m${index} begins if it can`
    ).toBe(begins(node))
  }
}
