import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { OpTools } from "./ops/Op.ts"
import type { Graph, Tx } from "./store/Graph.ts"
import type { GraphStore } from "./store/GraphStore.ts"
import { forgetSome, isForgetDue } from "./store/kept.ts"
import { isPruneDue, isPurgeDue, pruneSome, purgeSome } from "./store/purge.ts"

/** Work that is done a bounded piece at a time, each in a write of its own, for as long as it is due. */
const pieces = (
  store: GraphStore,
  isDue: (graph: Graph) => boolean,
  some: (tx: Tx) => void
): Effect.Effect<void, PorticoError> =>
  Effect.gen(function* () {
    // Others' reads and writes get their turn between two pieces.
    while (yield* store.read(isDue)) yield* Effect.andThen(store.write(some, { long: true }), Effect.yieldNow)
  })

/** Removes for good what was kept for its time: deleted nodes, and history. */
export const sweep = (store: GraphStore, keep: OpTools["keep"], now: () => number): Effect.Effect<void, PorticoError> =>
  Effect.suspend(() => {
    const [trash, history] = [now() - keep.trash, now() - keep.history]
    const past = now()
    return Effect.all(
      [
        pieces(
          store,
          (graph) => isPurgeDue(graph, trash),
          (tx) => purgeSome(tx, trash)
        ),
        pieces(
          store,
          (graph) => isPruneDue(graph, history),
          (tx) => pruneSome(tx, history)
        ),
        pieces(
          store,
          (graph) => isForgetDue(graph, past),
          (tx) => forgetSome(tx, past)
        )
      ],
      { discard: true }
    )
  })

/** Sweeps now and every hour. A sweep that fails is tried again with the next. */
export const sweeping = (work: Effect.Effect<void, PorticoError>): Effect.Effect<void> =>
  work.pipe(
    Effect.catch((error) => Effect.logWarning("What was kept for its time could not be removed.", error)),
    Effect.repeat(Schedule.spaced("1 hour")),
    Effect.asVoid
  )
