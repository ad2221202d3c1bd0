import type { DatabaseSync } from "node:sqlite"
import { DatabaseError, type SyncConnection } from "@portico/gate/database"
import { makeSyncConnection } from "./connection.ts"
import { reasonOf, toDatabaseError } from "./errors.ts"
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

export const makeBatchWriter = (db: DatabaseSync): BatchWriter => {
  let active = false
  const tx = makeSyncConnection(db, () => {
    if (!active) throw new Error("A connection of `embedded.write` was used after its transaction had ended.")
  })
  const begin = db.prepare("BEGIN IMMEDIATE")
  const commit = db.prepare("COMMIT")
  const rollback = db.prepare("ROLLBACK")
  const savepoint = db.prepare("SAVEPOINT request")
  const release = db.prepare("RELEASE request")
  const undo = db.prepare("ROLLBACK TO request")

  const ended = (count: number, refusal?: DatabaseError): BatchOutcome => ({ _tag: "Ended", count, refusal })

  const runAlone = (request: PendingWrite): void => {
    if (request.run(tx)) return
    if (db.isTransaction) rollback.run()
  }

  const runInSavepoint = (request: PendingWrite): void => {
    savepoint.run()
    const keep = request.run(tx)
    if (!db.isTransaction) return
    if (!keep) undo.run()
    release.run()
  }

  // SQLite itself rolls everything back when, for one, the disk is full.
  const abandoned = (count: number, last: PendingWrite): BatchOutcome => {
    const message = "A request ended the transaction that it shared with others."
    return ended(count, last.refusal ?? new DatabaseError({ reason: "Other", message }))
  }

  const runAll = (batch: ReadonlyArray<PendingWrite>): BatchOutcome => {
    const run = batch.length === 1 ? runAlone : runInSavepoint
    let count = 0
    try {
      for (const request of batch) {
        count++
        run(request)
        if (!db.isTransaction) return abandoned(count, request)
      }
      commit.run()
      return ended(count)
    } catch (cause) {
      if (db.isTransaction) rollback.run()
      return ended(count, toDatabaseError(cause, "committing"))
    }
  }

  return {
    tx,
    active: () => active,
    commit(batch) {
      try {
        begin.run()
      } catch (cause) {
        const error = toDatabaseError(cause, "beginning a write")
        return reasonOf(cause) === "Locked" ? { _tag: "Busy", error } : ended(batch.length, error)
      }
      active = true
      try {
        return runAll(batch)
      } finally {
        active = false
      }
    }
  }
}
