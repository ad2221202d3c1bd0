import type { DatabaseSync } from "node:sqlite"
import { DatabaseError, type SyncConnection } from "@portico/gate/database"
import { makeSyncConnection } from "./connection.ts"
import { isStoreRefusal, reasonOf, toDatabaseError } from "./errors.ts"
import { PutOffWork } from "./PutOffWork.ts"
import type { PendingWrite } from "./writeRequest.ts"

/** What came of a batch: its requests were run; with a `refusal` none of them is in the store. */
export interface BatchOutcome {
  /** How many were run, from the first on. The others still wait. */
  readonly count: number
  readonly refusal: DatabaseError | undefined
}

/**
 * A batch that has begun. Each stretch goes on for about as long as others can wait for the thread; `undefined` says
 * that there is more to do. Between two stretches nobody else may use the connection that writes.
 */
export interface RunningBatch {
  readonly stretch: () => BatchOutcome | undefined
}

/** Runs batches on the writer connection: one transaction each, a savepoint per request. */
export interface BatchWriter {
  /** The connection that requests get. It throws outside of a stretch. */
  readonly tx: SyncConnection
  /** Whether a stretch is being run just now, that is: whether the caller is inside of a request's work. */
  readonly active: () => boolean
  /** Fails with `Locked`, and nothing was run, where another process holds the write lock. */
  readonly begin: (batch: ReadonlyArray<PendingWrite>) => RunningBatch | DatabaseError
}

const dropped = (cause: unknown): DatabaseError =>
  new DatabaseError({ reason: "Other", message: "A request ended the transaction that it shared with others.", cause })

/** How long readers wait for a batch, in milliseconds, before they get a turn. */
export const longestStretch = 0.5

/** `now` is in milliseconds, from any time on; `committing` is called before each commit. */
export const makeBatchWriter = (
  db: DatabaseSync,
  now: () => number,
  committing: () => void = () => {}
): BatchWriter => {
  let active = false
  let end = 0
  const putOff = new PutOffWork()
  const allowed = () => {
    if (!active) throw new Error("A connection of `write` was used after its transaction had ended.")
  }
  const tx = makeSyncConnection(db, allowed, putOff)
  const begin = db.prepare("BEGIN IMMEDIATE")
  const commit = db.prepare("COMMIT")
  const rollback = db.prepare("ROLLBACK")
  const savepoint = db.prepare("SAVEPOINT request")
  const release = db.prepare("RELEASE request")
  const undo = db.prepare("ROLLBACK TO request")

  const isOver = () => now() >= end
  const relieve = () => putOff.relieve(isOver)

  /** Each `yield` ends a stretch. */
  function* runInSavepoint(request: PendingWrite): Generator<void, void> {
    // The statements for the savepoint fail if the transaction is gone: SQLite itself drops it when, for one, the disk is
    // full, and so does a statement with `OR ROLLBACK`.
    savepoint.get()
    putOff.begin()
    if (!(yield* request.run(tx, isOver, relieve))) {
      undo.get()
      putOff.undo()
    }
    release.get()
  }

  function* commitAll(): Generator<void, void> {
    putOff.begin()
    while (!putOff.runUntil(isOver)) yield
    // A commit takes its time, and is in one piece.
    if (isOver()) yield
    committing()
    commit.get()
  }

  const refusalOf = (cause: unknown, last: PendingWrite | undefined): DatabaseError => {
    // A full disk is often found out by COMMIT, which then drops the transaction by itself.
    if (!db.isTransaction)
      return isStoreRefusal(cause) ? toDatabaseError(cause, "committing") : (last?.refusal ?? dropped(cause))
    try {
      rollback.get()
    } catch {
      // The next BEGIN says what is wrong, since it finds this transaction still open.
    }
    return toDatabaseError(cause, "committing")
  }

  function* runAll(batch: ReadonlyArray<PendingWrite>): Generator<void, BatchOutcome> {
    let count = 0
    try {
      const [first] = batch
      if (batch.length === 1 && first !== undefined) {
        count = 1
        if (yield* first.run(tx, isOver, relieve)) yield* commitAll()
        else rollback.get()
        return { count, refusal: undefined }
      }
      for (const request of batch) {
        if (isOver()) yield
        count++
        if (!request.cancelled) yield* runInSavepoint(request)
      }
      yield* commitAll()
      return { count, refusal: undefined }
    } catch (cause) {
      return { count, refusal: refusalOf(cause, batch[count - 1]) }
    }
  }

  const running = (parts: Generator<void, BatchOutcome>): RunningBatch => ({
    stretch() {
      active = true
      end = now() + longestStretch
      try {
        const next = parts.next()
        if (next.done !== true) return undefined
        putOff.clear()
        return next.value
      } finally {
        active = false
      }
    }
  })

  return {
    tx,
    active: () => active,
    begin(batch) {
      try {
        begin.get()
      } catch (cause) {
        const error = toDatabaseError(cause, "beginning a write")
        if (reasonOf(cause) === "Locked") return error
        return { stretch: () => ({ count: batch.length, refusal: error }) }
      }
      return running(runAll(batch))
    }
  }
}
