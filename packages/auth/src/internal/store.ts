import { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"

/** Turns what the asynchronous client fails with into the contract's error. */
export const stored = <A, R>(effect: Effect.Effect<A, SqlError, R>): Effect.Effect<A, DatabaseError, R> =>
  Effect.mapError(
    effect,
    (error) =>
      new DatabaseError({
        reason: error.reason._tag === "LockTimeoutError" ? "Locked" : "Other",
        message: "The credential store could not be reached.",
        cause: error
      })
  )
