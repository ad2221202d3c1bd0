import { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { GraphSnapshot } from "../store/graphSnapshot.ts"
import { exportTime } from "./limits.ts"

const checkEvery = "5 seconds"

const idle = PorticoError.make("TIMEOUT", "the export was not read for half a minute")
const tooLong = PorticoError.make("TIMEOUT", "an export may take a quarter of an hour")

/**
 * A snapshot that nobody can hold for ever: it is let go where nothing was read from it for a while, and after its time,
 * also while whoever wants more does not ask for it.
 */
export const heldSnapshot = (
  open: Effect.Effect<GraphSnapshot, PorticoError, Scope.Scope>
): Effect.Effect<GraphSnapshot, PorticoError, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const snapshot = yield* Scope.provide(open, scope)
    const began = yield* Clock.currentTimeMillis
    let read = began
    let ended: PorticoError | undefined
    const look = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      if (now - began > exportTime.all) ended = tooLong
      else if (now - read > exportTime.idle) ended = idle
      if (ended !== undefined) yield* Scope.close(scope, Exit.void)
    })
    yield* Effect.forkScoped(
      Effect.whileLoop({
        while: () => ended === undefined,
        body: () => Effect.andThen(Effect.sleep(checkEvery), look),
        step: () => {}
      })
    )
    return {
      seq: snapshot.seq,
      read: (work) =>
        Effect.gen(function* () {
          read = yield* Clock.currentTimeMillis
          return yield* ended ?? snapshot.read(work)
        })
    }
  })
