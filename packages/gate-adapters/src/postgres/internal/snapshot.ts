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
    return await runAll(replay, () => work(conn))
  } finally {
    if (state.is === "transaction") void session.query("COMMIT").catch(() => {})
    state.is = "over"
  }
}

const runAll = async <A>(replay: Replay, work: () => A): Promise<A> => {
  const result = await replay.run(work)
  // What nobody looked at may have failed, too.
  await replay.settled()
  const failed = replay.firstFailure()
  if (failed !== undefined) throw failed.error
  return result
}

/** A session that stays at one commit until it is closed. */
export interface HeldSnapshot {
  /** One work after another. */
  readonly read: <A>(work: (conn: SyncConnection) => A) => Promise<A>
  readonly close: () => Promise<void>
}

/** Opens a transaction that stays. A session that fails is closed, so that its snapshot is held no longer. */
export const heldSnapshot = async (session: Session): Promise<HeldSnapshot> => {
  // A transaction sees the commit that was the last one when it first reads.
  await Promise.all([session.query(begin), session.query("SELECT 1")]).catch(async (cause: unknown) => {
    await session.close()
    throw cause
  })
  return {
    read: async (work) => {
      const replay = new Replay((sql, params) => session.query(sql, params))
      let isOver = false
      const conn = replayed(() => {
        if (isOver) throw new Error("A connection of `snapshot` was used after its work had ended.")
        return replay
      })
      try {
        return await runAll(replay, () => work(conn))
      } finally {
        isOver = true
      }
    },
    close: () => session.close()
  }
}
