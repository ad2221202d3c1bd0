import type { DatabaseSync } from "node:sqlite"
import { DatabaseError, type SyncConnection } from "@portico/gate/database"
import { makeSyncConnection } from "./connection.ts"
import { isStoreRefusal, reasonOf, toDatabaseError } from "./errors.ts"
import { PutOffWork } from "./PutOffWork.ts"
import type { PendingWrite } from "./writeRequest.ts"

/** What came of a batch. */
export type BatchOutcome =
  /** Another process holds the write lock; nothing was run. */
  | { readonly _tag: "Busy"; readonly error: DatabaseError }
  /** The first `count` were run; with a `refusal` none of them is in the store. The others still wait. */
  | { readonly _tag: "Ended"; readonly count: number; readonly refusal: DatabaseError | undefined }

/** Runs batches on the writer connection: one transaction each, a savepoint per request, never awaiting. */
export interface BatchWriter {
  /** The connection that requests get. It throws outside of `commit`. */
  readonly tx: SyncConnection
  /** Whether a batch is being run just now, that is: whether the caller is inside of a request's work. */
  readonly active: () => boolean
  readonly commit: (batch: ReadonlyArray<PendingWrite>) => BatchOutcome
}

const dropped = (cause: unknown): DatabaseError =>
  new DatabaseError({ reason: "Other", message: "A request ended the transaction that it shared with others.", cause })

/**
 * How long a batch goes on at least, in milliseconds. Readers wait for the batch, so it ends after this time, or after as
 * long as the last commit took: where commits are slow, more writes have to share one.
 */
const shortestBatch = 1

/** `now` is in milliseconds, from any time on. */
export const makeBatchWriter = (db: DatabaseSync, now: () => number): BatchWriter => {
  let commitTook = 0
  let active = false
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

  const ended = (count: number, refusal?: DatabaseError): BatchOutcome => ({ _tag: "Ended", count, refusal })

  // The statements for the savepoint fail if the transaction is gone: SQLite itself drops it when, for one, the disk is
  // full, and so does a statement with `OR ROLLBACK`.
  const runInSavepoint = (request: PendingWrite): void => {
    savepoint.get()
    putOff.begin()
    if (!request.run(tx)) {
      undo.get()
      putOff.undo()
    }
    release.get()
  }

  const commitAll = (): void => {
    putOff.begin()
    putOff.run()
    const began = now()
    commit.get()
    commitTook = now() - began
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

  const runAll = (batch: ReadonlyArray<PendingWrite>): BatchOutcome => {
    let count = 0
    try {
      const [first] = batch
      if (batch.length === 1 && first !== undefined) {
        count = 1
        if (first.run(tx)) commitAll()
        else rollback.get()
        return ended(count)
      }
      const end = now() + Math.max(shortestBatch, commitTook)
      for (const request of batch) {
        count++
        runInSavepoint(request)
        if (now() >= end) break
      }
      commitAll()
      return ended(count)
    } catch (cause) {
      return ended(count, refusalOf(cause, batch[count - 1]))
    }
  }

  return {
    tx,
    active: () => active,
    commit(batch) {
      try {
        begin.get()
      } catch (cause) {
        const error = toDatabaseError(cause, "beginning a write")
        return reasonOf(cause) === "Locked" ? { _tag: "Busy", error } : ended(batch.length, error)
      }
      active = true
      try {
        return runAll(batch)
      } finally {
        putOff.clear()
        active = false
      }
    }
  }
}
