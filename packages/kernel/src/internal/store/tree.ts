import { DamagedTree, maxClimb } from "../permission/arithmetic.ts"
import type { Graph } from "./Graph.ts"
import { type Place, placeByKey } from "./places.ts"
import type { Sql } from "./sql.ts"

/** Whether a node is `top` or lies below it. */
export const isUnderNode = (graph: Graph, node: Place, top: number): boolean => {
  let climbed = 0
  for (let at: Place | undefined = node; at !== undefined; at = placeByKey(graph, at.parent)) {
    if (at.key === top) return true
    if (at.parent === 0) return false
    if (++climbed > maxClimb) throw new DamagedTree(node.key)
  }
  return false
}

export const hasChildren = (graph: Graph, key: number): boolean =>
  graph.conn.prepare("SELECT 1 AS one FROM nodes WHERE parent = ? LIMIT 1").get(key) !== undefined

const selectBelow = (sql: Sql) => `WITH RECURSIVE below (key) AS (
    SELECT CAST(?1 AS BIGINT)
    UNION
    SELECT nodes.key FROM below JOIN nodes ON nodes.parent = below.key
    ${sql.recursiveLimit("?2")}
  ) SELECT key FROM below LIMIT ?2`

/** Keys of a node and of everything below it, parents first; at most `limit` of them. */
export const subtreeOf = (graph: Graph, key: number, limit: number): ReadonlyArray<number> =>
  graph.conn
    .prepare(selectBelow(graph.sql))
    .all(key, limit)
    .map((row) => Number(row.key))

const selectChildrenOfAll = (sql: Sql) => `SELECT key FROM nodes WHERE parent IN ${sql.numbers("?")} LIMIT ?`

/** How many levels of nodes are below a node, looking at no more than `budget` of them; `undefined` if that is too few. */
export const heightOf = (graph: Graph, key: number, budget: number): number | undefined => {
  let level: ReadonlyArray<number> = [key]
  let left = budget
  const select = graph.conn.prepare(selectChildrenOfAll(graph.sql))
  for (let height = 0; ; height++) {
    const rows = select.all(JSON.stringify(level), left + 1)
    if (rows.length === 0) return height
    if (rows.length > left) return undefined
    left -= rows.length
    level = rows.map((row) => Number(row.key))
  }
}
