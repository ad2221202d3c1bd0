import { READ } from "@portico/schema"
import type { Op } from "../ops/Op.ts"
import { trashKey } from "../store/nodes.ts"
import type { Sql } from "../store/sql.ts"

const selectAbove = ({ numbers, texts }: Sql) => `WITH RECURSIVE above (key) AS (
    SELECT target FROM edges WHERE mask IS NOT NULL AND (mask & ${READ}) <> 0 AND source IN ${numbers("?1")}
    UNION
    SELECT key FROM nodes WHERE id IN ${texts("?2")}
    UNION
    SELECT CASE nodes.parent WHEN ${trashKey} THEN trash.parent ELSE nodes.parent END
    FROM above JOIN nodes ON nodes.key = above.key LEFT JOIN trash ON trash.node = nodes.key
  ) SELECT key FROM above`

const known = new WeakMap<Op, ReadonlySet<number>>()

/** Ids of the nodes that bounds of the caller are about. What lies in the trash is in no bound, and may come back. */
export const boundTops = (op: Op): ReadonlyArray<string> =>
  op.authority.halves.flatMap(({ bounds }) => bounds.flatMap(({ nodes }) => (nodes === "all" ? [] : nodes)))

/**
 * Whether READ begins for the caller at a node or somewhere below it: at a grant, or at the top of a bound. What lies in
 * the trash counts where it was.
 */
export const isAboveSight = (op: Op, key: number): boolean => {
  const before = known.get(op)
  if (before !== undefined) return before.has(key)
  const identities = op.standing.halves.flatMap(({ subject }) => [...subject.closure])
  const select = op.graph.conn.prepare(selectAbove(op.graph.sql))
  const rows = select.all(JSON.stringify(identities), JSON.stringify(boundTops(op)))
  const above = new Set(rows.map((row) => Number(row.key)))
  known.set(op, above)
  return above.has(key)
}
