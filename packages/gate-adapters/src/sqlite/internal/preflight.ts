import { closeSync, openSync, readSync, statSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import { DatabaseError } from "@portico/gate/database"
import type { AppliedStep } from "../../internal/migrationPlan.ts"
import { toDatabaseError } from "./errors.ts"
import { type HeaderVerdict, headerLength, inspectHeader, verdictOfVersion } from "./header.ts"
import { migrationsTable } from "./migrationsTable.ts"

/** What is in a file, before anything was written to it. */
export interface Preflight {
  readonly empty: boolean
  readonly applied: ReadonlyArray<AppliedStep>
}

/** Bytes of a file, 0 where it does not exist. */
export const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

const readHeader = (file: string): Uint8Array => {
  const bytes = new Uint8Array(headerLength)
  const descriptor = openSync(file, "r")
  try {
    return bytes.subarray(0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}

const refuse = (file: string, verdict: HeaderVerdict): void => {
  if (verdict._tag !== "Refused") return
  throw new DatabaseError({
    reason: verdict.reason,
    message: `${file} is refused: ${verdict.message}. Nothing was written.`
  })
}

/**
 * Reads what a database file is without writing to it, and throws a `DatabaseError` where it may not be opened: another
 * program's, a newer version's, or damaged.
 *
 * It must run before any connection to the file is open in this process: POSIX drops all of a process's locks on a file
 * as soon as the process closes any descriptor of it.
 */
export const preflight = (file: string): Preflight => {
  const size = sizeOf(file)
  if (size === 0) return { empty: true, applied: [] }
  const logSize = sizeOf(`${file}-wal`)
  refuse(file, inspectHeader(readHeader(file), size, logSize))
  try {
    return readContent(file, logSize)
  } catch (cause) {
    if (cause instanceof DatabaseError) throw cause
    const { reason, message } = toDatabaseError(cause, "reading it")
    throw new DatabaseError({ reason, message: `${file} is refused: ${message}. Nothing was written.`, cause })
  }
}

const readContent = (file: string, logSize: number): Preflight => {
  const url = pathToFileURL(file)
  // Without a log to replay, SQLite need not even make its shared-memory file.
  if (logSize === 0) url.searchParams.set("immutable", "1")
  const db = new DatabaseSync(url, { readOnly: true })
  try {
    const number = (sql: string): number => Number(Object.values(db.prepare(sql).get() ?? {})[0] ?? 0)
    refuse(file, verdictOfVersion(number("PRAGMA application_id"), number("PRAGMA user_version")))
    // Parses the whole schema, so a damaged one is found here and not by the first query that needs it.
    const tables = number("SELECT count(*) FROM sqlite_schema")
    return { empty: tables === 0, applied: migrationsTable.read(db) }
  } finally {
    db.close()
  }
}
