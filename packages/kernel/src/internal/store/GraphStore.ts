import type { DatabaseError, WriteOptions } from "@portico/gate/database"
import { isPorticoError, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import { DamagedTree } from "../permission/arithmetic.ts"
import type { Graph, Tx } from "./Graph.ts"
import type { Pulse } from "./Pulse.ts"

/** What a write came to, and the commit number it is in; where nothing changed, the one it saw. */
export interface Written<A> {
  readonly result: A
  readonly seq: number
}

/** A write that is long, in parts: see `Steps` of `@portico/gate/database`. What it throws rolls all of it back. */
export type Parts<A> = Generator<() => unknown, A, unknown>

/**
 * The graph's one way in. What works throw is their failure, if it is a PorticoError, and a defect otherwise. They may be
 * run more than once, so they have no effects but by their statements.
 */
export interface GraphStore {
  /** Runs `work` on one commit: the last one there was when this was asked, or a later one. */
  readonly read: <A>(work: (graph: Graph) => A) => Effect.Effect<A, PorticoError>
  /** The same, and then what `work` wants to be done. That must not use the graph any more. */
  readonly readThen: <A>(work: (graph: Graph) => Effect.Effect<A, PorticoError>) => Effect.Effect<A, PorticoError>
  /** Runs `work` in a transaction, which shares its commit with others unless it says that it is long. */
  readonly write: <A>(work: (tx: Tx) => A | Parts<A>, options?: WriteOptions) => Effect.Effect<Written<A>, PorticoError>
  /** Beats after each commit that changed something. */
  readonly pulse: Pulse
  /** Number of the last commit. */
  readonly seq: Effect.Effect<number, PorticoError>
  /** Number of a commit that was the last one not long ago. */
  readonly recentSeq: () => number
}

/** Runs code that throws its refusals, as the operations do: they are synchronous, and plain calls are what is fast. */
export const attempt = <A>(run: () => A): Effect.Effect<A, PorticoError> => {
  try {
    return Effect.succeed(run())
  } catch (thrown) {
    return refusal(thrown)
  }
}

/** What an operation threw, as a failure; anything but a refusal is a defect. */
export const refusal = (thrown: unknown): Effect.Effect<never, PorticoError> => {
  if (isPorticoError(thrown)) return Effect.fail(thrown)
  if (thrown instanceof DamagedTree)
    return Effect.fail(PorticoError.make("INTERNAL", `the store is damaged: ${thrown.message}`))
  return Effect.die(thrown)
}

/** Whether a write came back in parts, which are still to be done. */
export const isParts = <A>(outcome: A | Parts<A>): outcome is Parts<A> =>
  typeof outcome === "object" && outcome !== null && Object.prototype.toString.call(outcome) === "[object Generator]"

/** Does the parts of a work one after the other, here and now. */
export const atOnce = <A>(parts: Parts<A>): A => {
  let next = parts.next()
  while (next.done !== true) {
    let given: unknown
    try {
      given = next.value()
    } catch (thrown) {
      next = parts.throw(thrown)
      continue
    }
    next = parts.next(given)
  }
  return next.value
}

/** What to tell of a refusal of the database. */
export const told = (error: DatabaseError): Effect.Effect<never, PorticoError> =>
  Effect.andThen(Effect.logError("The store refused.", error), Effect.fail(storeRefused(error)))

/** Why the store refused, as a caller is told. */
export const storeRefused = (error: DatabaseError): PorticoError => {
  if (error.reason === "Unknown") {
    return PorticoError.make("UNAVAILABLE", "the store was lost in the middle of a commit; look whether it was made", {
      reason: error.reason
    })
  }
  if (error.code === "STORAGE_FULL") return PorticoError.make("STORAGE_FULL", "the disk is full; nothing was changed")
  if (error.code === "UNAVAILABLE") {
    return PorticoError.make("UNAVAILABLE", "the store cannot be reached or written just now; nothing was changed", {
      reason: error.reason
    })
  }
  return PorticoError.make("INTERNAL", "the store failed; nothing was changed")
}
