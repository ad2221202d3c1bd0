import type { Graph, Tx } from "./Graph.ts"

/** For how long an answer is given again, in milliseconds. */
export const keptFor = 86_400_000

/** A call that runs or has been answered. */
export interface Kept {
  readonly body: string
  /** Until when it may be running; null once it is answered. */
  readonly until: number | null
  readonly checks: string
  readonly answer: string | null
}

export const keptAnswer = (graph: Graph, scope: string, now: number): Kept | undefined =>
  graph.conn
    .prepare("SELECT body, until, checks, answer FROM kept_answers WHERE scope = ? AND at > ?")
    // Boundary: STRICT tables give exactly these types.
    .get(scope, now - keptFor) as unknown as Kept | undefined

const upsert = `INSERT INTO kept_answers (scope, body, at, until, checks, answer) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (scope) DO UPDATE SET body = excluded.body, at = excluded.at, until = excluded.until,
    checks = excluded.checks, answer = excluded.answer`

export const keep = (tx: Tx, scope: string, { answer, body, checks, until }: Kept): void => {
  tx.conn.prepare(upsert).run(scope, body, tx.now, until, checks, answer)
}

export const forget = (tx: Tx, scope: string): void => {
  tx.conn.prepare("DELETE FROM kept_answers WHERE scope = ?").run(scope)
}

export const isForgetDue = (graph: Graph, now: number): boolean =>
  graph.conn.prepare("SELECT 1 AS one FROM kept_answers WHERE at <= ? LIMIT 1").get(now - keptFor) !== undefined

/** Removes some of the answers whose time is over. */
export const forgetSome = (tx: Tx, now: number): void => {
  tx.conn
    .prepare(
      "DELETE FROM kept_answers WHERE scope IN (SELECT scope FROM kept_answers WHERE at <= ? ORDER BY at LIMIT 500)"
    )
    .run(now - keptFor)
}
