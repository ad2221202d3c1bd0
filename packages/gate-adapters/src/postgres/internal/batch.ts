import { DatabaseError } from "@portico/gate/database"
import { outcomeOf } from "./connecting.ts"
import { toDatabaseError } from "./errors.ts"
import { type Replay, replayed } from "./replay.ts"
import type { Session } from "./session.ts"
import type { PendingWrite, Transaction } from "./writeRequest.ts"

/**
 * One writer at a time over all processes: whoever holds this lock, until the end of the transaction, sees everything
 * that was committed before, and what it commits comes after. "portico", as a number.
 */
export const writeLock = "31637005386801007"

/** What a batch needs from its surroundings. */
export interface BatchTools {
  readonly open: () => Promise<Session>
  /** How long to ask for what became of a commit, in milliseconds. */
  readonly patience: number
  readonly isClosed: () => boolean
}

/**
 * Runs a batch in one transaction, a savepoint per request, and commits it. Gives why none of it is in the store;
 * `undefined` where all is whose request did not fail by itself.
 */
export const commitBatch = async (
  session: Session,
  batch: ReadonlyArray<PendingWrite>,
  tools: BatchTools
): Promise<DatabaseError | undefined> => {
  let xid: string | undefined
  let committing = false
  try {
    const locked = begin(session)
    const undo = batch.length > 1
    const transaction = open(session)
    try {
      xid = await locked
      for (const request of batch) {
        if (undo) send(session, "SAVEPOINT request")
        const keep = await request.perform(transaction)
        // With the request's failure the transaction ends, or is brought back to where it was before.
        if (!keep && !undo) {
          await session.query("ROLLBACK")
          return undefined
        }
        if (undo) send(session, keep ? "RELEASE request" : "ROLLBACK TO request; RELEASE request")
      }
    } finally {
      transaction.end()
    }
    committing = true
    await commit(session)
    return undefined
  } catch (cause) {
    const error = toDatabaseError(cause, committing ? "committing" : "writing")
    if (committing && error.reason === "Lost" && xid !== undefined) return verify(xid, error, tools)
    if (error.reason === "Lost") await session.close()
    else await session.query("ROLLBACK").catch(() => session.close())
    return error
  }
}

const verify = async (xid: string, lost: DatabaseError, tools: BatchTools): Promise<DatabaseError | undefined> => {
  try {
    const outcome = await outcomeOf(tools.open, xid, tools.patience, tools.isClosed)
    return outcome === "committed" ? undefined : lost
  } catch (cause) {
    return toDatabaseError(cause, "asking what became of a commit")
  }
}

/** Sends what is answered by whatever comes behind it. */
const send = (session: Session, sql: string): void => {
  session.query(sql).catch(() => {})
}

/** Opens the transaction and waits for the lock. Gives the transaction's id. */
const begin = async (session: Session): Promise<string> => {
  send(session, "BEGIN ISOLATION LEVEL READ COMMITTED")
  const { rows } = await session.query(
    `SELECT CAST(pg_current_xact_id() AS TEXT) AS xid FROM (SELECT pg_advisory_xact_lock(${writeLock})) AS locked`
  )
  return String(rows[0]?.xid)
}

/** A failed transaction takes COMMIT for ROLLBACK, and says so. */
const commit = async (session: Session): Promise<void> => {
  const { command } = await session.query("COMMIT")
  if (command === "COMMIT") return
  throw new DatabaseError({ reason: "Other", message: "A request ended the transaction that it shared with others." })
}

const open = (session: Session): Transaction & { readonly end: () => void } => {
  let current: Replay | undefined
  return {
    conn: replayed(() => {
      if (current === undefined) throw new Error("A connection of `write` was used after its transaction had ended.")
      return current
    }),
    send: (sql, params) => session.query(sql, params),
    use: (replay) => {
      current = replay
    },
    end: () => {
      current = undefined
    }
  }
}
