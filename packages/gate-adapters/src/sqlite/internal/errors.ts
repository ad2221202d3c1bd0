import { DatabaseError, type DatabaseReason } from "@portico/gate/database"
import * as Predicate from "effect/Predicate"
import { isSqlError } from "effect/sql/SqlError"

// Primary result codes: https://www.sqlite.org/rescode.html
const reasonOfResultCode: Readonly<Record<number, DatabaseReason>> = {
  3: "ReadOnly", // SQLITE_PERM
  5: "Locked", // SQLITE_BUSY
  6: "Locked", // SQLITE_LOCKED
  8: "ReadOnly", // SQLITE_READONLY
  11: "Corrupt", // SQLITE_CORRUPT
  13: "Full", // SQLITE_FULL
  14: "ReadOnly", // SQLITE_CANTOPEN: the folder or a file beside the database cannot be made
  26: "Corrupt" // SQLITE_NOTADB
}

const reasonOfSystemCode: Readonly<Record<string, DatabaseReason>> = {
  EACCES: "ReadOnly",
  EPERM: "ReadOnly",
  EROFS: "ReadOnly",
  ENOSPC: "Full",
  EDQUOT: "Full"
}

/** Why the driver or the file system refused; `Other` for what says nothing about the store, such as a constraint. */
export const reasonOf = (cause: unknown): DatabaseReason => {
  if (Predicate.hasProperty(cause, "errcode") && typeof cause.errcode === "number") {
    return reasonOfResultCode[cause.errcode & 0xff] ?? "Other"
  }
  if (Predicate.hasProperty(cause, "code") && typeof cause.code === "string") {
    return reasonOfSystemCode[cause.code] ?? "Other"
  }
  return "Other"
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** The store's refusal as a typed error. `doing` is what was tried, for example `commit`. */
export const toDatabaseError = (cause: unknown, doing: string): DatabaseError =>
  cause instanceof DatabaseError
    ? cause
    : new DatabaseError({ reason: reasonOf(cause), message: `${doing}: ${messageOf(cause)}`, cause })

/** Whether a thrown value says that the store itself refused, rather than that the work was wrong. */
export const isStoreRefusal = (cause: unknown): boolean => cause instanceof DatabaseError || reasonOf(cause) !== "Other"

/** Whether an error of the store or of `effect/sql` says that another process holds the lock. */
export const isLocked = (error: unknown): boolean =>
  error instanceof DatabaseError
    ? error.reason === "Locked"
    : isSqlError(error) && error.reason._tag === "LockTimeoutError"
