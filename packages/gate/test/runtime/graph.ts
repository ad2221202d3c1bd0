import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Gateway, HealthCheck } from "../../src/index.ts"
import type { Module, OnBootFailure } from "../../src/Module.ts"
import type { Product } from "../../src/Product.ts"

/** What keeps a module from starting. */
export const startFaults = [
  "fails",
  "dies",
  /** It interrupts itself. */
  "gives up",
  "hangs",
  /** Like `hangs`, but cannot be interrupted. */
  "hangs hard",
  /** It has acquired its resource by then. */
  "fails afterwards",
  "hangs afterwards",
  /** Its layer is built by then. */
  "fails to contribute",
  "hangs as it contributes"
] as const

/** What goes wrong when a module is released. */
export const stopFaults = ["releases slowly", "never releases", "breaks at release"] as const

/** What goes wrong in a module, if anything does. */
export type Fault = "none" | (typeof startFaults)[number] | (typeof stopFaults)[number]

/** One module of a graph: its needs are indexes of earlier ones. */
export interface Node {
  readonly needs: ReadonlyArray<number>
  readonly fault: Fault
  readonly policy: OnBootFailure
  /** Milliseconds that its start takes. */
  readonly takes: number
}

/** What happened, in order. */
export interface Event {
  readonly what: "begin" | "acquired" | "released"
  readonly module: number
}

const tagOf = (index: number) => Context.Service<object, number>(`test/Service${index}`)

const prepare = (node: Node, index: number, tell: (event: Event) => void): Effect.Effect<void, Error> =>
  Effect.gen(function* () {
    tell({ what: "begin", module: index })
    if (node.takes > 0) yield* Effect.sleep(node.takes)
    if (node.fault === "fails") return yield* Effect.fail(new Error(`module ${index} has no luck`))
    if (node.fault === "dies") return yield* Effect.die(new Error(`module ${index} has a bug`))
    if (node.fault === "gives up") return yield* Effect.interrupt
    if (node.fault === "hangs" || node.fault === "hangs hard") return yield* Effect.never
  })

const release = (node: Node, index: number, tell: (event: Event) => void): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (node.fault === "releases slowly") yield* Effect.sleep(3_000)
    tell({ what: "released", module: index })
    if (node.fault === "never releases") return yield* Effect.never
    if (node.fault === "breaks at release") return yield* Effect.die(new Error(`module ${index} cannot let go`))
  })

/** A contribution of the module, which is made once its layer is built. */
const contribute = (node: Node, index: number) => {
  if (node.fault === "fails to contribute") return Effect.die(new Error(`module ${index} has nothing to say`))
  if (node.fault === "hangs as it contributes") return Effect.never
  return Effect.succeed({ name: "fine", check: Effect.void })
}

const afterwards = (node: Node, index: number): Effect.Effect<void, Error> => {
  if (node.fault === "fails afterwards") return Effect.fail(new Error(`module ${index} had luck for a moment`))
  return node.fault === "hangs afterwards" ? Effect.never : Effect.void
}

/** A product of such modules, which tell what happens to them. */
export const productOf = (nodes: ReadonlyArray<Node>, tell: (event: Event) => void): Product => {
  const modules = nodes.map((node, index): Module.Any => {
    const work = Effect.uninterruptibleMask((restore) => {
      const prepared = prepare(node, index, tell)
      const acquired = Effect.sync(() => {
        tell({ what: "acquired", module: index })
        return index
      })
      return Effect.andThen(
        node.fault === "hangs hard" ? prepared : restore(prepared),
        Effect.acquireRelease(acquired, () => release(node, index, tell))
      )
    })
    // Tags that are made by a loop have no types to check, so the definition is put together by hand.
    return {
      ...Gateway.module.define({ id: `m${index}`, displayName: `M${index}` }),
      requires: node.needs.map((need) => ({ service: tagOf(need), optional: false })),
      provides: [tagOf(index)],
      layer: Layer.effect(
        tagOf(index),
        Effect.tap(work, () => afterwards(node, index))
      ),
      contributes: [HealthCheck.effect(contribute(node, index))],
      onBootFailure: node.policy
    }
  })
  return Gateway.make({ identity: { id: "graph", name: "Graph" }, modules })
}
