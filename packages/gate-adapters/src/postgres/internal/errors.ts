import { DatabaseError, type DatabaseReason } from "@portico/gate/database"
import * as Predicate from "effect/Predicate"

/** By SQLSTATE, the whole code or its class: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const reasons: Readonly<Record<string, DatabaseReason>> = {
  "08": "Lost", // connection exceptions
  "25006": "ReadOnly", // read_only_sql_transaction: a standby, for one
  "40001": "Locked", // serialization_failure
  "40P01": "Locked", // deadlock_detected
  "53100": "Full", // disk_full
  "53300": "Lost", // too_many_connections
  "55P03": "Locked", // lock_not_available
  "57P01": "Lost", // admin_shutdown: the server stops, or somebody ended this session
  "57P02": "Lost", // crash_shutdown
  "57P03": "Lost", // cannot_connect_now
  "57P05": "Lost", // idle_session_timeout
  "25P03": "Lost", // idle_in_transaction_session_timeout
  XX001: "Corrupt", // data_corrupted
  XX002: "Corrupt" // index_corrupted
}

const lostSockets = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EMFILE",
  "ENOENT" // the socket file of a server that does not run
])

// What the driver says without a code, when the socket ends under a query or while connecting.
const lostMessages =
  /Connection terminated|timeout expired|connection is closed|not queryable|timeout exceeded when trying to connect/i

export const codeOf = (cause: unknown): string | undefined =>
  Predicate.hasProperty(cause, "code") && typeof cause.code === "string" ? cause.code : undefined

/** Why the server or the network refused; `Other` for what says nothing about the store, such as a constraint. */
export const reasonOf = (cause: unknown): DatabaseReason => {
  if (cause instanceof DatabaseError) return cause.reason
  const code = codeOf(cause)
  if (code !== undefined) {
    return reasons[code] ?? reasons[code.slice(0, 2)] ?? (lostSockets.has(code) ? "Lost" : "Other")
  }
  return cause instanceof Error && lostMessages.test(cause.message) ? "Lost" : "Other"
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** The store's refusal as a typed error. `doing` is what was tried, for example `committing`. */
export const toDatabaseError = (cause: unknown, doing: string): DatabaseError =>
  cause instanceof DatabaseError
    ? cause
    : new DatabaseError({ reason: reasonOf(cause), message: `${doing}: ${messageOf(cause)}`, cause })

/** Whether a thrown value says that the store itself refused, rather than that the work was wrong. */
export const isStoreRefusal = (cause: unknown): boolean => reasonOf(cause) !== "Other"

/** Whether an earlier statement of the transaction failed, so that this one was not even looked at. */
export const isAftermath = (cause: unknown): boolean => codeOf(cause) === "25P02"
