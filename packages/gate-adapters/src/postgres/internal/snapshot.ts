import type { SqlValue, SyncConnection } from "@portico/gate/database"
import { type Answer, Replay, replayed } from "./replay.ts"
import type { Session } from "./session.ts"

const begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

/**
 * Runs a reading work on a session. A single statement has a snapshot by itself; the second one opens a transaction, in
 * which the first is asked again, in the same round trip.
 */
export const onSnapshot = async <A>(session: Session, work: (conn: SyncConnection) => A): Promise<A> => {
  const state: { is: "unused" | "alone" | "transaction" | "over" } = { is: "unused" }

  const send = (sql: string, params: ReadonlyArray<SqlValue> | undefined): Promise<Answer> => {
    if (state.is === "alone") {
      state.is = "transaction"
      // Whether it fails is told by the statements behind it.
      void session.query(begin).catch(() => {})
      replay.readAgain()
    } else if (state.is === "unused") state.is = "alone"
    return session.query(sql, params)
  }
  const replay = new Replay(send)
  const conn = replayed(() => {
    if (state.is === "over") throw new Error("A connection of `read` was used after its work had ended.")
    return replay
  })
  try {
    const result = await replay.run(() => work(conn))
    // What nobody looked at may have failed, too.
    await replay.settled()
    const failed = replay.firstFailure()
    if (failed !== undefined) throw failed.error
    return result
  } finally {
    if (state.is === "transaction") void session.query("COMMIT").catch(() => {})
    state.is = "over"
  }
}
