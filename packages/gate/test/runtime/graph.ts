import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Gateway } from "../../src/index.ts"
import type { Module, OnBootFailure } from "../../src/Module.ts"
import type { Product } from "../../src/Product.ts"

/** What goes wrong in a module, if anything does. */
export type Fault =
  | "none"
  | "fails"
  | "dies"
  | "hangs"
  /** Like `hangs`, but cannot be interrupted. */
  | "hangs hard"
  | "releases late"
  | "breaks at release"

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

const acquire = (node: Node, index: number, log: Array<Event>): Effect.Effect<number, Error> =>
  Effect.gen(function* () {
    log.push({ what: "begin", module: index })
    if (node.takes > 0) yield* Effect.sleep(node.takes)
    if (node.fault === "fails") return yield* Effect.fail(new Error(`module ${index} has no luck`))
    if (node.fault === "dies") return yield* Effect.die(new Error(`module ${index} has a bug`))
    if (node.fault === "hangs" || node.fault === "hangs hard") return yield* Effect.never
    log.push({ what: "acquired", module: index })
    return index
  })

const release = (node: Node, index: number, log: Array<Event>): Effect.Effect<void> =>
  Effect.gen(function* () {
    log.push({ what: "released", module: index })
    if (node.fault === "releases late") return yield* Effect.never
    if (node.fault === "breaks at release") return yield* Effect.die(new Error(`module ${index} cannot let go`))
  })

/** A product of such modules, which writes down what happens to them. */
export const productOf = (nodes: ReadonlyArray<Node>, log: Array<Event>): Product => {
  const modules = nodes.map((node, index): Module.Any => {
    const acquired = acquire(node, index, log)
    const work = Effect.acquireRelease(acquired, () => release(node, index, log), {
      interruptible: node.fault !== "hangs hard"
    })
    // Tags that are made by a loop have no types to check, so the definition is put together by hand.
    return {
      ...Gateway.module.define({ id: `m${index}`, displayName: `M${index}` }),
      requires: node.needs.map((need) => ({ service: tagOf(need), optional: false })),
      provides: [tagOf(index)],
      layer: Layer.effect(tagOf(index), work),
      onBootFailure: node.policy
    }
  })
  return Gateway.make({ identity: { id: "graph", name: "Graph" }, modules })
}
