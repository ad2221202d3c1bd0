import { DatabaseSync } from "node:sqlite"
import { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { reasonOf, toDatabaseError } from "./errors.ts"

/**
 * Takes the sole right to write `file` for as long as the scope lives.
 *
 * The right is SQLite's RESERVED lock on a small database beside the file (`<file>.lock`), which the operating system
 * drops when the process dies, however it dies. So nothing can be left behind that blocks the next start. Under a
 * RESERVED lock others may still read, and that is how a refused process learns who holds it.
 *
 * Fails with `Locked`, naming the process and the file.
 */
export const lockFile = (file: string): Effect.Effect<void, DatabaseError, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.try({ try: () => acquire(file), catch: (cause) => toDatabaseError(cause, `locking ${file}`) }),
      (db) => Effect.sync(() => db.close())
    )
  )

const acquire = (file: string): DatabaseSync => {
  const lock = `${file}.lock`
  const db = new DatabaseSync(lock, { timeout: 0 })
  try {
    // Between the commit that publishes our pid and the lock that we keep, another process may have come in and gone.
    do announce(db)
    while (readOwner(db)?.pid !== process.pid)
    return db
  } catch (cause) {
    const reason = reasonOf(cause)
    const error = reason === "Locked" ? heldBy(db, file) : damaged(cause, reason === "Corrupt" ? lock : undefined)
    db.close()
    throw error
  }
}

const announce = (db: DatabaseSync): void => {
  db.exec("BEGIN IMMEDIATE")
  db.exec("CREATE TABLE IF NOT EXISTS owner (pid INTEGER NOT NULL, since TEXT NOT NULL); DELETE FROM owner")
  db.prepare("INSERT INTO owner (pid, since) VALUES (?, datetime('now'))").run(process.pid)
  db.exec("COMMIT; BEGIN IMMEDIATE")
}

const heldBy = (db: DatabaseSync, file: string): DatabaseError => {
  const owner = readOwner(db)
  const who = owner === undefined ? "another process" : `process ${owner.pid} (since ${owner.since} UTC)`
  return new DatabaseError({
    reason: "Locked",
    message: `${file} is in use by ${who}. Only one process may write it: stop that one, or use another data folder.`
  })
}

const readOwner = (db: DatabaseSync): { readonly pid: number; readonly since: string } | undefined => {
  try {
    const row = db.prepare("SELECT pid, since FROM owner").get()
    return row === undefined ? undefined : { pid: Number(row.pid), since: String(row.since) }
  } catch {
    // The other process has not written its row yet, or is writing it now.
    return undefined
  }
}

const damaged = (cause: unknown, lock: string | undefined): unknown =>
  lock === undefined
    ? cause
    : new DatabaseError({
        reason: "Corrupt",
        message: `${lock} is damaged. It holds no data: remove it once no other process uses the database.`,
        cause
      })
