import { DatabaseError, type DatabaseService, type WriteOptions } from "@portico/gate/database"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { WaitingWrites } from "../../internal/WaitingWrites.ts"
import { type BatchTools, commitBatch } from "./batch.ts"
import { tellOfCommit } from "./commits.ts"
import { untilConnected } from "./connecting.ts"
import { toDatabaseError } from "./errors.ts"
import type { Session } from "./session.ts"
import { type PendingWrite, type Work, WriteRequest } from "./writeRequest.ts"

/** What a write group needs from its surroundings. */
export interface WriteGroupOptions {
  readonly open: () => Promise<Session>
  /** How long to try to reach the server, in milliseconds. */
  readonly patience: number
  /** Whether a fiber with this context is inside of `sql.withTransaction`. */
  readonly inTransaction: (context: Context.Context<never>) => boolean
}

const waitsForItself = "`write` inside `sql.withTransaction` would be another transaction, and could wait for itself."

/**
 * Group commit: requests queue, and all that wait go into one transaction, over a session of their own. Requests that
 * come while one is under way share the next.
 */
export const makeWriteGroup = (
  options: WriteGroupOptions
): Effect.Effect<DatabaseService["write"], never, Scope.Scope> =>
  Effect.gen(function* () {
    const waiting = new WaitingWrites<PendingWrite>()
    let session: Session | undefined
    let running: Promise<void> | undefined
    let closed = false
    const tools: BatchTools = { open: options.open, patience: options.patience, isClosed: () => closed }

    const connected = async (): Promise<Session> => {
      if (session === undefined || session.isBroken()) {
        session = undefined
        session = await untilConnected(options.open, options.patience, tools.isClosed)
      }
      return session
    }

    const refusalOf = async (batch: ReadonlyArray<PendingWrite>): Promise<DatabaseError | undefined> => {
      try {
        return await commitBatch(await connected(), batch, tools)
      } catch (cause) {
        return toDatabaseError(cause, "writing")
      }
    }

    const drain = async (): Promise<void> => {
      // A turn of the event loop collects what else it brings.
      await new Promise<void>((resolve) => setImmediate(resolve))
      for (let batch = waiting.take(); batch.length > 0; batch = waiting.take()) {
        const refusal = await refusalOf(batch)
        for (const request of batch) request.settle(refusal)
        if (refusal === undefined && session !== undefined) tellOfCommit(session)
      }
    }

    const start = (): void => {
      running ??= drain().finally(() => {
        running = undefined
        if (!waiting.isEmpty) start()
      })
    }

    yield* Effect.addFinalizer(() =>
      Effect.promise(async () => {
        closed = true
        await running
        await session?.close()
      })
    )

    const submit = <A, E>(work: Work<A, E>, isLong: boolean, context: Context.Context<never>) =>
      Effect.callback<A, E | DatabaseError>((resume) => {
        const request = new WriteRequest(work, isLong, context, resume)
        waiting.add(request)
        start()
        return Effect.sync(() => {
          request.cancelled = true
        })
      })

    return <A, E>(work: Work<A, E>, { long = false }: WriteOptions = {}) =>
      Effect.withFiber<A, E | DatabaseError>((fiber) => {
        if (options.inTransaction(fiber.context)) return Effect.die(new Error(waitsForItself))
        if (closed) return Effect.fail(new DatabaseError({ reason: "Other", message: "The database is closed." }))
        return submit(work, long, fiber.context)
      })
  })
