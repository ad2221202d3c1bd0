import type { DatabaseError, Steps, SyncConnection } from "@portico/gate/database"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { awaitingDefect } from "../../internal/awaitingDefect.ts"
import { runSteps } from "../../internal/runSteps.ts"
import { isStoreRefusal, toDatabaseError } from "./errors.ts"

/** One piece of work that waits for the next commit, its types known only to whoever asked for it. */
export interface PendingWrite {
  /** Set when its fiber was interrupted: it is skipped if the commit has not begun. */
  cancelled: boolean
  /** The store's refusal, if that is why the work failed. */
  refusal: DatabaseError | undefined
  /** Runs the work on the open transaction; `false` says that its changes must be undone. */
  run(tx: SyncConnection): boolean
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
  private readonly work: Work<A, E>
  private readonly context: Context.Context<never>
  private readonly resume: (exit: Exit.Exit<A, E | DatabaseError>) => void

  constructor(
    work: Work<A, E>,
    /** Of the asking fiber: its clock, tracer and log settings hold inside the work, too. */
    context: Context.Context<never>,
    resume: (exit: Exit.Exit<A, E | DatabaseError>) => void
  ) {
    this.work = work
    this.context = context
    this.resume = resume
  }

  run(tx: SyncConnection): boolean {
    const exit = Effect.runSyncExitWith(this.context)(
      Effect.suspend(() => {
        const outcome = this.work(tx)
        return Effect.isEffect(outcome) ? outcome : runSteps(outcome)
      })
    )
    this.exit = Exit.isSuccess(exit) ? exit : this.explain(exit.cause)
    return Exit.isSuccess(exit)
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
