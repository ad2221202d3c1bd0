import { AnalyticsError } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Semaphore from "effect/Semaphore"
import type { WireEvent } from "./wire.ts"

/** How events are gathered and sent. Times are in milliseconds. */
export interface Delivery {
  /** Events in one request. */
  readonly batchSize: number
  /** How long an event waits for company. */
  readonly interval: number
  /** Events that may wait; beyond, none is taken. */
  readonly capacity: number
  /** Pause after the first failure, doubled with each further one up to a hundredfold. */
  readonly pause: number
  /** How long a stop waits for what is left to be taken. */
  readonly stopWithin: number
}

/**
 * Sends events in batches, in their order and at least once: one leaves the line when the other side has taken it, and
 * their uuids let it tell which it has. When the scope closes, what is left is sent, under a deadline.
 */
export const makeOutgoing = Effect.fnUntraced(function* (
  send: (events: ReadonlyArray<WireEvent>) => Effect.Effect<void, AnalyticsError>,
  { batchSize, capacity, interval, pause, stopWithin }: Delivery
) {
  const line: Array<WireEvent> = []
  const full = Latch.makeUnsafe()
  const turns = Semaphore.makeUnsafe(1)

  const sendFirst = Effect.suspend(() => {
    const batch = line.slice(0, batchSize)
    if (batch.length === 0) return Effect.void
    // Once it is taken nobody may forget to take it out of the line.
    return Effect.uninterruptibleMask((restore) =>
      Effect.tap(restore(send(batch)), () => Effect.sync(() => line.splice(0, batch.length)))
    )
  })
  const sendAll = turns.withPermit(
    Effect.whileLoop({ while: () => line.length > 0, body: () => sendFirst, step: () => {} })
  )

  let failures = 0
  const insist: Effect.Effect<void> = Effect.suspend(() => sendAll).pipe(
    Effect.matchEffect({
      onSuccess: () =>
        Effect.suspend(() => {
          const after = failures
          failures = 0
          return after === 0 ? Effect.void : Effect.logInfo("PostHog takes events again.")
        }),
      onFailure: ({ message }) =>
        Effect.suspend(() => {
          const wait = pause * Math.min(2 ** failures, 100)
          const told = failures++ === 0 ? Effect.logWarning(`Events wait for PostHog: ${message}`) : Effect.void
          return Effect.andThen(told, Effect.andThen(Effect.sleep(wait), insist))
        })
    })
  )
  const gather = Effect.raceFirst(full.await, Effect.sleep(interval)).pipe(
    Effect.andThen(Effect.sync(() => full.closeUnsafe())),
    Effect.andThen(insist),
    Effect.forever
  )

  yield* Effect.addFinalizer(() =>
    Effect.timeoutOrElse(insist, { duration: stopWithin, orElse: () => Effect.void }).pipe(
      Effect.andThen(
        Effect.suspend(() =>
          line.length === 0
            ? Effect.void
            : Effect.logError(`${line.length} events are lost: PostHog did not take them.`)
        )
      )
    )
  )
  yield* Effect.forkScoped(gather)

  return {
    /** Puts events at the end of the line, all or none of them. */
    put: (events: ReadonlyArray<WireEvent>): Effect.Effect<void, AnalyticsError> =>
      Effect.suspend(() => {
        if (line.length + events.length > capacity) {
          const message = "Too many events wait for PostHog to take them."
          return Effect.fail(new AnalyticsError({ reason: "Unavailable", message }))
        }
        line.push(...events)
        if (line.length >= batchSize) full.openUnsafe()
        return Effect.void
      }),
    flush: sendAll
  }
})
