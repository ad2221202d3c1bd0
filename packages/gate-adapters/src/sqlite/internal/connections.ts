import { closeSync, openSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import type { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { toDatabaseError } from "./errors.ts"
import { applicationId, formatVersion } from "./header.ts"
import { sizeOf } from "./preflight.ts"

/** How the store treats the disk. See {@link SqliteOptions}. */
export interface Tuning {
  readonly synchronous: "FULL" | "NORMAL" | "OFF"
  /** Page cache of each connection, in MiB. */
  readonly cacheMiB: number
  /** Pages of the write-ahead log at which a commit copies them back into the file; 0 where that is done otherwise. */
  readonly checkpointAt: number
}

/** The settings of every connection. `busy_timeout` is 0: waiting for a lock must not block the event loop. */
export const pragmas = (tuning: Tuning): ReadonlyArray<string> => [
  "PRAGMA busy_timeout = 0",
  `PRAGMA synchronous = ${tuning.synchronous}`,
  "PRAGMA foreign_keys = ON",
  "PRAGMA trusted_schema = OFF",
  "PRAGMA temp_store = MEMORY",
  `PRAGMA cache_size = ${-1024 * tuning.cacheMiB}`,
  "PRAGMA journal_size_limit = 67108864",
  `PRAGMA wal_autocheckpoint = ${tuning.checkpointAt}`
]

const open = (
  file: string,
  prepare: (db: DatabaseSync) => void
): Effect.Effect<DatabaseSync, DatabaseError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        const db = new DatabaseSync(file, { timeout: 0 })
        try {
          prepare(db)
        } catch (cause) {
          db.close()
          throw cause
        }
        return db
      },
      catch: (cause) => toDatabaseError(cause, `opening ${file}`)
    }),
    (db) => Effect.sync(() => db.close())
  )

/** The one connection that writes; it makes the file, with mode 0600, where there is none. */
export const openWriter = (file: string, tuning: Tuning) =>
  open(file, (db) => {
    if (sizeOf(file) === 0) stamp(db)
    db.exec("PRAGMA journal_mode = WAL")
    for (const pragma of pragmas(tuning)) db.exec(pragma)
  })

// In one transaction, so that a crash leaves a file that is either empty or ours.
const stamp = (db: DatabaseSync): void =>
  db.exec(`BEGIN; PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${formatVersion}; COMMIT`)

/** A connection that sees commits and cannot make any. */
export const openReader = (file: string, tuning: Tuning) =>
  open(file, (db) => {
    for (const pragma of pragmas(tuning)) db.exec(pragma)
    db.exec("PRAGMA query_only = ON")
  })

/** Makes an empty file for its owner alone. SQLite gives the files that it makes beside it the same mode. */
export const createFile = (file: string): void => closeSync(openSync(file, "a", 0o600))
