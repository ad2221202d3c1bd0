import type { DatabaseError, Steps, SyncConnection } from "@portico/gate/database"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { awaitingDefect } from "../../internal/awaitingDefect.ts"
import { isStoreRefusal, toDatabaseError } from "./errors.ts"
import { Replay, type Send } from "./replay.ts"
import { SentSteps } from "./SentSteps.ts"

/** What is to be done in a transaction. */
export type Work<A, E> = (tx: SyncConnection) => Effect.Effect<A, E> | Steps<A, E>

/** One piece of work that waits for the next commit, its types known only to whoever asked for it. */
export interface PendingWrite {
  /** Set when its fiber was interrupted: it is skipped if its turn has not come. */
  cancelled: boolean
  /** Whether it takes its time: then it shares its commit with nobody. */
  readonly isLong: boolean
  /** Does the work; `false` says that its changes must be undone. Fails where the connection is lost. */
  perform(transaction: Transaction): Promise<boolean>
  /** Answers whoever waits: with `refusal` if the commit failed, otherwise with what `perform` came to. */
  settle(refusal: DatabaseError | undefined): void
}

/** The transaction that is open just now. */
export interface Transaction {
  /** The same for all works of a transaction, and of no use after it. */
  readonly conn: SyncConnection
  readonly send: Send
  /** Which replay answers the connection from now on. */
  readonly use: (replay: Replay) => void
}

/** A {@link PendingWrite} that answers a fiber. */
export class WriteRequest<A, E> implements PendingWrite {
  cancelled = false
  readonly isLong: boolean
  #exit: Exit.Exit<A, E | DatabaseError> | undefined = undefined
  readonly #work: Work<A, E>
  readonly #context: Context.Context<never>
  readonly #resume: (exit: Exit.Exit<A, E | DatabaseError>) => void

  constructor(
    work: Work<A, E>,
    isLong: boolean,
    /** Of the asking fiber: its clock, tracer and log settings hold inside the work, too. */
    context: Context.Context<never>,
    resume: (exit: Exit.Exit<A, E | DatabaseError>) => void
  ) {
    this.#work = work
    this.isLong = isLong
    this.#context = context
    this.#resume = resume
  }

  async perform(transaction: Transaction): Promise<boolean> {
    const sent = new SentSteps()
    /** Each step has a replay of its own, so that only the step is run again. */
    const step = async <B>(run: () => B): Promise<B> => {
      await sent.turn()
      const replay = new Replay(transaction.send)
      sent.add(replay)
      transaction.use(replay)
      return replay.run(run)
    }
    const exit = await this.#run(transaction.conn, step).catch((thrown: unknown) => Exit.die(thrown))
    const failure = await sent.firstFailure()
    this.#exit = failure === undefined ? this.#explain(exit) : this.#explain(Exit.die(failure.error))
    if (failure !== undefined && toDatabaseError(failure.error, "writing").reason === "Lost") throw failure.error
    return Exit.isSuccess(this.#exit)
  }

  settle(refusal: DatabaseError | undefined): void {
    const failedByItself = this.#exit !== undefined && Exit.isFailure(this.#exit)
    if (refusal !== undefined && !failedByItself) this.#resume(Exit.fail(refusal))
    else if (this.#exit !== undefined) this.#resume(this.#exit)
  }

  async #run(conn: SyncConnection, step: <B>(run: () => B) => Promise<B>): Promise<Exit.Exit<A, E>> {
    const first = await step(() => {
      const outcome = this.#work(conn)
      return Effect.isEffect(outcome) ? { exit: this.#exitOf(outcome) } : { steps: outcome }
    })
    if (first.exit !== undefined) return first.exit
    const { steps } = first
    let next = steps.next()
    while (next.done !== true) {
      const run = next.value
      try {
        next = steps.next(await step(run))
      } catch (thrown) {
        next = steps.throw(thrown)
      }
    }
    return this.#exitOf(next.value)
  }

  #exitOf(effect: Effect.Effect<A, E>): Exit.Exit<A, E> {
    return Effect.runSyncExitWith(this.#context)(effect)
  }

  #explain(exit: Exit.Exit<A, E>): Exit.Exit<A, E | DatabaseError> {
    if (Exit.isSuccess(exit)) return exit
    for (const reason of exit.cause.reasons) {
      if (!Cause.isDieReason(reason)) continue
      const awaiting = awaitingDefect(reason.defect, this.#work.name, this.#context)
      if (awaiting !== undefined) return Exit.die(awaiting)
      if (isStoreRefusal(reason.defect)) return Exit.fail(toDatabaseError(reason.defect, "writing"))
    }
    return exit
  }
}
