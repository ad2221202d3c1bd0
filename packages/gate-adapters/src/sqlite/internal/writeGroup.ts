import { DatabaseError, type DatabaseService, type WriteOptions } from "@portico/gate/database"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Semaphore from "effect/Semaphore"
import { WaitingWrites } from "../../internal/WaitingWrites.ts"
import { type BatchOutcome, type BatchWriter, longestStretch, type RunningBatch } from "./batchWriter.ts"
import type { DurableLog } from "./durableLog.ts"
import { toDatabaseError } from "./errors.ts"
import { untilUnlocked } from "./untilUnlocked.ts"
import { type PendingWrite, type Work, WriteRequest } from "./writeRequest.ts"

/** What a write group needs from its surroundings. */
export interface WriteGroupOptions {
  readonly writer: BatchWriter
  /** Makes what was committed durable. */
  readonly log: DurableLog
  /** One permit: whoever holds it may have a transaction open, or a commit on its way to the disk. */
  readonly gate: Semaphore.Semaphore
  /** Milliseconds, from any time on. */
  readonly now: () => number
  /** How long to wait for a lock of another process, in milliseconds. */
  readonly busyTimeout: number
  /** Run before each commit. */
  readonly before: Effect.Effect<void>
  /** Asked before each commit; an error refuses it. */
  readonly admit: () => DatabaseError | undefined
  /** Whether a fiber with this context holds the gate already, through `sql.withTransaction`. */
  readonly holdsGate: (context: Context.Context<never>) => boolean
}

const waitsForItself = "`write` inside `sql.withTransaction` would wait for itself."

/**
 * Group commit: requests queue, and one fiber takes all that wait into one transaction, answers after its commit.
 * Requests arriving in one turn of the event loop share a commit, whichever fibers they come from.
 *
 * Readers get their turn between any two stretches of a batch, and while the disk is at work.
 */
export const makeWriteGroup = (
  options: WriteGroupOptions
): Effect.Effect<DatabaseService["write"], never, Scope.Scope> =>
  Effect.gen(function* () {
    const { log, writer } = options
    const waiting = new WaitingWrites<PendingWrite>()
    let wake: (() => void) | undefined
    let closed = false

    const arrival = Effect.callback<void>((resume) => {
      if (!waiting.isEmpty) return resume(Effect.void)
      wake = () => resume(Effect.void)
    })

    /** Whoever is answered goes on at once, so that this takes its time, too. */
    const settle = Effect.fnUntraced(function* (requests: ReadonlyArray<PendingWrite>, refusal?: DatabaseError) {
      let end = options.now() + longestStretch
      for (const request of requests) {
        if (!request.cancelled) request.settle(refusal)
        if (options.now() < end) continue
        yield* Effect.yieldNow
        end = options.now() + longestStretch
      }
    })

    const begin = (batch: ReadonlyArray<PendingWrite>): RunningBatch | DatabaseError => {
      const refusal = log.broken() ?? options.admit()
      return refusal === undefined ? writer.begin(batch) : { stretch: () => ({ count: batch.length, refusal }) }
    }

    const run = Effect.fnUntraced(function* (batch: ReadonlyArray<PendingWrite>) {
      yield* options.before
      const running = begin(batch)
      if (running instanceof DatabaseError) return yield* running
      let outcome = running.stretch()
      while (outcome === undefined) {
        yield* Effect.yieldNow
        outcome = running.stretch()
      }
      const { count, refusal } = outcome
      if (refusal !== undefined) {
        log.undone()
        return outcome
      }
      return yield* Effect.match(log.committed, {
        onSuccess: (): BatchOutcome => ({ count, refusal: undefined }),
        onFailure: (refusal): BatchOutcome => ({ count, refusal })
      })
    })

    /** Runs one batch; gives what to answer. Fails with `Locked`, all still waiting. */
    const drain = Effect.suspend(() => {
      const batch = waiting.take()
      if (batch.length === 0) return Effect.succeed(Effect.void)
      const failed = (cause: unknown): BatchOutcome => ({
        count: batch.length,
        refusal: toDatabaseError(cause, "writing")
      })
      return run(batch).pipe(
        // Nobody would be answered any more if the fiber ended, so whatever happens is the batch's failure.
        Effect.catchDefect((cause) => Effect.succeed(failed(cause))),
        Effect.tapError(() => Effect.sync(() => waiting.putBack(batch))),
        Effect.map(({ count, refusal }) => {
          waiting.putBack(batch.splice(count))
          return settle(batch, refusal)
        })
      )
    })

    const refuseAll = (error: DatabaseError) => Effect.sync(() => settle(waiting.takeAll(), error))

    const turn = options.gate.withPermit(drain.pipe(untilUnlocked(options.busyTimeout), Effect.catch(refuseAll))).pipe(
      // Answers go out after the gate is free: whoever gets one may want the gate.
      Effect.flatten,
      // Whoever wants this fiber to stop waits until a batch that has begun is over and answered.
      Effect.uninterruptible
    )

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        return Effect.whileLoop({ while: () => !waiting.isEmpty, body: () => turn, step: () => {} })
      })
    )
    // The yield collects what else this turn of the event loop brings.
    yield* arrival.pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(turn), Effect.forever, Effect.forkScoped)

    const submit = <A, E>(work: Work<A, E>, isLong: boolean, context: Context.Context<never>) =>
      Effect.callback<A, E | DatabaseError>((resume) => {
        const request = new WriteRequest(work, isLong, context, resume)
        waiting.add(request)
        const notify = wake
        wake = undefined
        notify?.()
        return Effect.sync(() => {
          request.cancelled = true
        })
      })

    return <A, E>(work: Work<A, E>, { long = false }: WriteOptions = {}) =>
      Effect.withFiber<A, E | DatabaseError>((fiber) => {
        if (options.holdsGate(fiber.context)) return Effect.die(new Error(waitsForItself))
        if (closed) return Effect.fail(new DatabaseError({ reason: "Other", message: "The database is closed." }))
        return submit(work, long, fiber.context)
      })
  })
