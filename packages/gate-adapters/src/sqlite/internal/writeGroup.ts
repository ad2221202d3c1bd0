import { DatabaseError, type DatabaseService } from "@portico/gate/database"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Semaphore from "effect/Semaphore"
import type { BatchOutcome, BatchWriter } from "./batchWriter.ts"
import { toDatabaseError } from "./errors.ts"
import { untilUnlocked } from "./untilUnlocked.ts"
import { type PendingWrite, type Work, WriteRequest } from "./writeRequest.ts"

/** Requests in one commit. More wait for the next one, so that readers get a turn in between. */
const batchLimit = 256

/** What a write group needs from its surroundings. */
export interface WriteGroupOptions {
  readonly writer: BatchWriter
  /** One permit: whoever holds it may have a transaction open. */
  readonly gate: Semaphore.Semaphore
  /** How long to wait for a lock of another process, in milliseconds. */
  readonly busyTimeout: number
  /** Asked before each commit; an error refuses it. */
  readonly admit: () => DatabaseError | undefined
  /** Whether a fiber with this context holds the gate already, through `sql.withTransaction`. */
  readonly holdsGate: (context: Context.Context<never>) => boolean
}

const waitsForItself = "`write` inside `sql.withTransaction` would wait for itself."

/**
 * Group commit: requests queue, and one fiber takes all that wait into one transaction, answers after its commit.
 * Requests arriving in one turn of the event loop share a commit, whichever fibers they come from.
 */
export const makeWriteGroup = (
  options: WriteGroupOptions
): Effect.Effect<DatabaseService["write"], never, Scope.Scope> =>
  Effect.gen(function* () {
    const { writer } = options
    let waiting: Array<PendingWrite> = []
    let wake: (() => void) | undefined
    let closed = false

    const arrival = Effect.callback<void>((resume) => {
      if (waiting.length > 0) return resume(Effect.void)
      wake = () => resume(Effect.void)
    })

    const settle = (requests: ReadonlyArray<PendingWrite>, refusal?: DatabaseError) => {
      for (const request of requests) if (!request.cancelled) request.settle(refusal)
    }

    const take = (): Array<PendingWrite> => {
      const wanted = waiting.filter((request) => !request.cancelled)
      waiting = wanted.splice(batchLimit)
      return wanted
    }

    const commit = (batch: ReadonlyArray<PendingWrite>): BatchOutcome => {
      try {
        const refusal = options.admit()
        return refusal === undefined ? writer.commit(batch) : { _tag: "Ended", count: batch.length, refusal }
      } catch (cause) {
        // Nobody would be answered any more if the fiber ended, so whatever happens is the batch's failure.
        return { _tag: "Ended", count: batch.length, refusal: toDatabaseError(cause, "writing") }
      }
    }

    /** Runs one batch; gives what to answer. Synchronous from BEGIN to COMMIT. Fails with `Locked`, all still waiting. */
    const drain = Effect.suspend(() => {
      const batch = take()
      if (batch.length === 0) return Effect.succeed(() => {})
      const outcome = commit(batch)
      if (outcome._tag === "Busy") {
        waiting = [...batch, ...waiting]
        return Effect.fail(outcome.error)
      }
      const rest = batch.splice(outcome.count)
      if (rest.length > 0) waiting = [...rest, ...waiting]
      return Effect.succeed(() => settle(batch, outcome.refusal))
    })

    const refuseAll = (error: DatabaseError) => Effect.sync(() => () => settle(waiting.splice(0), error))

    const turn = options.gate
      .withPermit(drain.pipe(untilUnlocked(options.busyTimeout), Effect.catch(refuseAll)))
      // Answers go out after the gate is free: whoever gets one may want the gate.
      .pipe(Effect.flatMap((answer) => Effect.sync(answer)))

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        return Effect.whileLoop({ while: () => waiting.length > 0, body: () => turn, step: () => {} })
      })
    )
    // The yield collects what else this turn of the event loop brings.
    yield* arrival.pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(turn), Effect.forever, Effect.forkScoped)

    const submit = <A, E>(work: Work<A, E>, context: Context.Context<never>) =>
      Effect.callback<A, E | DatabaseError>((resume) => {
        const request = new WriteRequest(work, context, resume)
        waiting.push(request)
        const notify = wake
        wake = undefined
        notify?.()
        return Effect.sync(() => {
          request.cancelled = true
        })
      })

    return <A, E>(work: Work<A, E>) =>
      Effect.withFiber<A, E | DatabaseError>((fiber) => {
        if (options.holdsGate(fiber.context)) return Effect.die(new Error(waitsForItself))
        if (closed) return Effect.fail(new DatabaseError({ reason: "Other", message: "The database is closed." }))
        return submit(work, fiber.context)
      })
  })
