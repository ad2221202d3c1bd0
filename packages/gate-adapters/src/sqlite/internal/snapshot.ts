import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import type { DatabaseError, SyncConnection } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { makeSyncConnection } from "./connection.ts"
import { toDatabaseError } from "./errors.ts"

/**
 * A connection to a file that stays at one commit. It can make none; what it may have is temporary tables. `unchanging`
 * says that nobody writes the file: then SQLite makes no other file beside it.
 */
export const openSnapshot = (
  file: string,
  options: { readonly unchanging?: boolean } = {}
): Effect.Effect<SyncConnection, DatabaseError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => openAt(file, options.unchanging === true),
      catch: (cause) => toDatabaseError(cause, `reading ${file}`)
    }),
    (db) => Effect.sync(() => db.close())
  ).pipe(Effect.map((db) => makeSyncConnection(db)))

const openAt = (file: string, unchanging: boolean): DatabaseSync => {
  const url = pathToFileURL(file)
  if (unchanging) url.searchParams.set("immutable", "1")
  const db = new DatabaseSync(url, { readOnly: true, timeout: 5_000 })
  try {
    db.exec("PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16384; BEGIN")
    // A transaction sees the commit that was the last one when it first reads.
    db.prepare("SELECT count(*) FROM sqlite_schema").get()
    return db
  } catch (cause) {
    db.close()
    throw cause
  }
}
