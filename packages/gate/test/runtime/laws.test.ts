import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type Event, type Node, startFaults, stopFaults } from "./graph.ts"
import { checkLaws, checkStates, live } from "./life.ts"

/** The same cases each time; another text gives others. A failure prints its seed, and what it shrank to. */
const seed = process.env.PORTICO_LAWS_SEED ?? "the house stands"

const most = 40
const Index = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: most - 1 }))

const NodeShape = Schema.Struct({
  needs: Schema.Array(Index).check(Schema.isMaxLength(3)),
  takes: Schema.Literals([0, 0, 5, 500, 5_000])
})
const FaultShape = Schema.Struct({
  module: Index,
  fault: Schema.Literals([...startFaults, ...stopFaults]),
  policy: Schema.Literals(["abort", "degrade", "degrade"])
})
const Graph = Schema.Struct({
  nodes: Schema.Array(NodeShape).check(Schema.isMaxLength(most)),
  faults: Schema.Array(FaultShape).check(Schema.isMaxLength(5))
})
const Interrupted = Schema.Union([
  Schema.Struct({ after: Schema.Literals([0, 1, 5, 500, 4_999, 5_000, 12_000, 31_000]) }),
  Schema.Struct({ what: Schema.Literals(["begin", "acquired", "released"]), module: Index })
])
const Restart = Schema.Struct({ module: Index, before: Schema.Literals([0, 1, 500, 4_000, 120_000]) })

/** Indexes are brought into the graph, so that any of them means something. */
const toNodes = ({ faults, nodes }: typeof Graph.Type): ReadonlyArray<Node> =>
  nodes.map(({ needs, takes }, index) => {
    const { fault, policy } = faults.find(({ module }) => module % nodes.length === index) ?? {
      fault: "none",
      policy: "abort"
    }
    const earlier = index === 0 ? [] : needs.map((need) => need % index)
    return { needs: [...new Set(earlier)], takes, fault, policy }
  })

const within = <A extends { readonly module: number }>(aimed: A, nodes: ReadonlyArray<Node>): A => ({
  ...aimed,
  module: aimed.module % Math.max(1, nodes.length)
})

const held = (cases: number) => ({ arbitrary: { runs: cases, seed, size: most }, timeout: 120_000 })

describe("the life of modules", () => {
  it.effect.prop(
    "keeps to the laws wherever a module fails or hangs, and leaves nothing behind",
    [Graph],
    ([graph]) =>
      Effect.gen(function* () {
        const nodes = toNodes(graph)
        const seen = yield* live(nodes)
        checkLaws(nodes, seen)
        checkStates(nodes, seen)
      }),
    held(800)
  )

  it.effect.prop(
    "keeps to them wherever it is interrupted",
    [Graph, Interrupted],
    ([graph, interruption]) =>
      Effect.gen(function* () {
        const nodes = toNodes(graph)
        const aimed = "after" in interruption ? interruption : within(interruption, nodes)
        checkLaws(nodes, yield* live(nodes, { interruption: aimed }))
      }),
    held(800)
  )

  it.effect.prop(
    "keeps to them through a restart, which a stop may cut short",
    [Graph, Restart],
    ([graph, restart]) =>
      Effect.gen(function* () {
        const nodes = toNodes(graph)
        checkLaws(nodes, yield* live(nodes, { restart: within(restart, nodes) }))
      }),
    held(600)
  )

  it.effect("starts modules that do not need each other side by side", () =>
    Effect.gen(function* () {
      const slow: Node = { needs: [], fault: "none", policy: "abort", takes: 1_000 }
      const { log } = yield* live([slow, slow, { ...slow, needs: [0, 1] }])
      expect(log.slice(0, 2).map(({ what }) => what)).toEqual(["begin", "begin"])
    })
  )

  it.effect("does not wait for a whole wave: a module starts as soon as its own needs are there", () =>
    Effect.gen(function* () {
      const quick: Node = { needs: [], fault: "none", policy: "abort", takes: 0 }
      const { log } = yield* live([quick, { ...quick, takes: 20_000 }, { ...quick, needs: [0] }])
      expect(indexOf(log, "acquired", 2)).toBeLessThan(indexOf(log, "acquired", 1))
    })
  )

  it.effect("ends when it is interrupted while a module hangs that cannot be", () =>
    Effect.gen(function* () {
      const hanging: Node = { needs: [], fault: "hangs hard", policy: "degrade", takes: 0 }
      const { interrupted, states } = yield* live([hanging], { interruption: { after: 10_000 } })
      expect({ interrupted, states }).toEqual({ interrupted: true, states: undefined })
    })
  )
})

const indexOf = (log: ReadonlyArray<Event>, what: Event["what"], module: number): number =>
  log.findIndex((event) => event.what === what && event.module === module)
