import type { DatabaseError, Steps, SyncConnection } from "@portico/gate/database"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { awaitingDefect } from "../../internal/awaitingDefect.ts"
import { isStoreRefusal, toDatabaseError } from "./errors.ts"

/** One piece of work that waits for the next commit, its types known only to whoever asked for it. */
export interface PendingWrite {
  /** Set when its fiber was interrupted: it is skipped if the commit has not begun. */
  cancelled: boolean
  /** Whether it takes its time: then it shares its commit with nobody. */
  readonly isLong: boolean
  /** The store's refusal, if that is why the work failed. */
  refusal: DatabaseError | undefined
  /**
   * Runs the work on the open transaction; `false` says that its changes must be undone. It yields between two steps of
   * the work where `isOver` says that others want the thread, and where `relieve` says that what was put off takes longer.
   */
  run(tx: SyncConnection, isOver: () => boolean, relieve: () => boolean): Generator<void, boolean>
  /** Answers whoever waits: with `refusal` if the commit failed, otherwise with what `run` came to. */
  settle(refusal: DatabaseError | undefined): void
}

/** What is to be done in a transaction. */
export type Work<A, E> = (tx: SyncConnection) => Effect.Effect<A, E> | Steps<A, E>

/** A {@link PendingWrite} that answers a fiber. */
export class WriteRequest<A, E> implements PendingWrite {
  cancelled = false
  refusal: DatabaseError | undefined = undefined
  private exit: Exit.Exit<A, E | DatabaseError> | undefined = undefined
  readonly isLong: boolean
  private readonly work: Work<A, E>
  private readonly context: Context.Context<never>
  private readonly resume: (exit: Exit.Exit<A, E | DatabaseError>) => void

  constructor(
    work: Work<A, E>,
    isLong: boolean,
    /** Of the asking fiber: its clock, tracer and log settings hold inside the work, too. */
    context: Context.Context<never>,
    resume: (exit: Exit.Exit<A, E | DatabaseError>) => void
  ) {
    this.work = work
    this.isLong = isLong
    this.context = context
    this.resume = resume
  }

  *run(tx: SyncConnection, isOver: () => boolean, relieve: () => boolean): Generator<void, boolean> {
    const exit = yield* this.outcome(tx, isOver, relieve)
    this.exit = Exit.isSuccess(exit) ? exit : this.explain(exit.cause)
    return Exit.isSuccess(exit)
  }

  private *outcome(
    tx: SyncConnection,
    isOver: () => boolean,
    relieve: () => boolean
  ): Generator<void, Exit.Exit<A, E>> {
    try {
      const work = this.work(tx)
      return Effect.runSyncExitWith(this.context)(Effect.isEffect(work) ? work : yield* inSteps(work, isOver, relieve))
    } catch (thrown) {
      return Exit.die(thrown)
    }
  }

  settle(refusal: DatabaseError | undefined): void {
    const failedByItself = this.exit !== undefined && Exit.isFailure(this.exit)
    if (refusal !== undefined && !failedByItself) this.resume(Exit.fail(refusal))
    else if (this.exit !== undefined) this.resume(this.exit)
  }

  private explain(cause: Cause.Cause<E>): Exit.Exit<never, E | DatabaseError> {
    for (const reason of cause.reasons) {
      if (!Cause.isDieReason(reason)) continue
      const awaiting = awaitingDefect(reason.defect, this.work.name, this.context)
      if (awaiting !== undefined) return Exit.die(awaiting)
      if (isStoreRefusal(reason.defect)) {
        this.refusal = toDatabaseError(reason.defect, "writing")
        return Exit.fail(this.refusal)
      }
    }
    return Exit.failCause(cause)
  }
}

/** Runs the steps of a work. */
function* inSteps<A, E>(
  steps: Steps<A, E>,
  isOver: () => boolean,
  relieve: () => boolean
): Generator<void, Effect.Effect<A, E>> {
  let next = steps.next()
  while (next.done !== true) {
    while (!relieve()) yield
    if (isOver()) yield
    let given: unknown
    try {
      given = next.value()
    } catch (thrown) {
      next = steps.throw(thrown)
      continue
    }
    next = steps.next(given)
  }
  return next.value
}
