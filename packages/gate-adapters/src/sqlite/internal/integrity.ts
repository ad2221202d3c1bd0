import type { SyncConnection } from "@portico/gate/database"

/** Damages that are told. */
const most = 20

/** What SQLite finds wrong with a file's own structure: pages, rows, and indexes that do not match their tables. */
export const damageIn = (conn: SyncConnection): ReadonlyArray<string> =>
  conn
    .prepare(`PRAGMA integrity_check(${most})`)
    .all()
    .map((row) => String(Object.values(row)[0]))
    .filter((text) => text !== "ok")
