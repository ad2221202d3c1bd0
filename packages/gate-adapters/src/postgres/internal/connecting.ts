import { DatabaseError } from "@portico/gate/database"
import { reasonOf, toDatabaseError } from "./errors.ts"
import type { Session } from "./session.ts"

/** Milliseconds between two tries, twice as many each time. */
const firstPause = 50
const longestPause = 1_000

/** A pause that keeps no process from ending. */
export const pauseFor = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis).unref())

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

/** Opens a session, again and again for `patience` milliseconds while the server cannot be reached. */
export const untilConnected = async (
  open: () => Promise<Session>,
  patience: number,
  isClosed: () => boolean
): Promise<Session> => {
  const end = performance.now() + patience
  for (let wait = firstPause; ; wait = Math.min(wait * 2, longestPause)) {
    try {
      return await open()
    } catch (cause) {
      const error = toDatabaseError(cause, "connecting to the database server")
      if (reasonOf(cause) !== "Lost" || isClosed() || performance.now() + wait > end) throw error
      await pause(wait)
    }
  }
}

/** What the server says became of a transaction. */
type Outcome = "committed" | "aborted"

/**
 * What became of a transaction whose COMMIT nobody answered. The server knows it by the transaction's id, also after a
 * crash or on the standby that took over; it has to be asked until the old session is really over.
 */
export const outcomeOf = async (
  open: () => Promise<Session>,
  xid: string,
  patience: number,
  isClosed: () => boolean
): Promise<Outcome> => {
  const end = performance.now() + patience
  const unknown = (cause?: unknown) =>
    new DatabaseError({
      reason: "Unknown",
      message: "The connection was lost during a commit, and the server could not be asked whether it was made.",
      cause
    })
  for (;;) {
    let session: Session | undefined
    try {
      session = await untilConnected(open, Math.max(0, end - performance.now()), isClosed)
      const { rows } = await session.query("SELECT pg_xact_status(CAST(? AS xid8)) AS status", [xid])
      const status = rows[0]?.status
      if (status === "committed" || status === "aborted") return status
      if (performance.now() > end) throw unknown()
      await pause(firstPause)
    } catch (cause) {
      if (cause instanceof DatabaseError && cause.reason === "Unknown") throw cause
      if (performance.now() > end || isClosed() || reasonOf(cause) !== "Lost") throw unknown(cause)
    } finally {
      await session?.close()
    }
  }
}
