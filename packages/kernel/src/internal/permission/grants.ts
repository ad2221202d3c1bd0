import type { Graph, Tx } from "../store/Graph.ts"
import type { Sql } from "../store/sql.ts"

/** Grants and memberships, as the store has them. */

const selectGrants = "SELECT source, mask FROM edges WHERE target = ? AND mask IS NOT NULL LIMIT 65"
const selectGrantsOf = (sql: Sql) =>
  `SELECT mask FROM edges WHERE target = ? AND mask IS NOT NULL AND source IN ${sql.numbers("?")}`
const selectHolders = "SELECT source, mask FROM edges WHERE target = ? AND mask IS NOT NULL ORDER BY source"
const selectGroups = "SELECT target FROM edges WHERE source = ? AND class = ?"

/** How many grants on one node are read rather than asked for by identity. */
const few = 64

/** A mask that an identity holds on a node. */
export type Grant = readonly [identity: number, mask: number]

/** The OR of the masks that any of the identities was granted on the node itself. */
export const grantedOn = (graph: Graph, node: number, identities: ReadonlySet<number>): number => {
  const grants = fewGrantsOn(graph, node)
  let mask = 0
  if (grants !== undefined) {
    for (const grant of grants) if (identities.has(grant[0])) mask |= grant[1]
    return mask
  }
  graph.asked++
  const list = JSON.stringify([...identities])
  for (const row of graph.conn.prepare(selectGrantsOf(graph.sql)).all(node, list)) mask |= Number(row.mask)
  return mask
}

/** What was granted on the node itself, unless that is too much to be read as a whole. */
const fewGrantsOn = (graph: Graph, node: number): ReadonlyArray<Grant> | undefined => {
  const known = graph.caches.grants?.get(node)
  if (known !== undefined) return known
  graph.asked++
  const rows = graph.conn.prepare(selectGrants).all(node)
  if (rows.length > few) return undefined
  const grants = rows.map((row): Grant => [Number(row.source), Number(row.mask)])
  graph.caches.grants?.set(node, grants)
  return grants
}

/** Who holds which mask on the node itself, among these identities, or among all of them. */
export const holdersOn = (graph: Graph, node: number, identities?: ReadonlySet<number>): ReadonlyArray<Grant> =>
  graph.conn
    .prepare(selectHolders)
    .all(node)
    .map((row): Grant => [Number(row.source), Number(row.mask)])
    .filter(([identity]) => identities?.has(identity) ?? true)

/** Keys of the nodes that an identity was itself granted something on. */
export const grantedNodes = (graph: Graph, identity: number, hasPermKey: number): ReadonlyArray<number> =>
  graph.conn
    .prepare("SELECT target FROM edges WHERE source = ? AND class = ?")
    .all(identity, hasPermKey)
    .map((row) => Number(row.target))

/** Keys of the direct members of a group or role. */
export const membersOf = (graph: Graph, group: number, memberOfKey: number): ReadonlyArray<number> =>
  graph.conn
    .prepare("SELECT source FROM edges WHERE target = ? AND class = ?")
    .all(group, memberOfKey)
    .map((row) => Number(row.source))

/** Keys of the groups and roles that an identity is itself a member of. */
export const groupsOf = (graph: Graph, identity: number, memberOfKey: number): ReadonlyArray<number> =>
  graph.conn
    .prepare(selectGroups)
    .all(identity, memberOfKey)
    .map((row) => Number(row.target))

/** Groups of identities and of the groups that they are in, by member: all there are, in one statement. */
export const membershipsFrom = (
  graph: Graph,
  identities: ReadonlyArray<number>,
  memberOfKey: number
): ReadonlyMap<number, ReadonlyArray<number>> => {
  const select = `WITH RECURSIVE reached (key) AS (
      SELECT key FROM nodes WHERE key IN ${graph.sql.numbers("?1")}
      UNION SELECT edges.target FROM reached JOIN edges ON edges.source = reached.key AND edges.class = ?2
    ) SELECT source, target FROM reached JOIN edges ON edges.source = reached.key AND edges.class = ?2`
  const groups = new Map<number, Array<number>>()
  for (const row of graph.conn.prepare(select).all(JSON.stringify(identities), memberOfKey)) {
    const [member, group] = [Number(row.source), Number(row.target)]
    const known = groups.get(member)
    if (known === undefined) groups.set(member, [group])
    else known.push(group)
  }
  return groups
}

/** The mask that one identity was itself granted on one node. */
export const grantOf = (graph: Graph, identity: number, node: number, hasPermKey: number): number => {
  const row = graph.conn
    .prepare("SELECT mask FROM edges WHERE source = ? AND class = ? AND target = ? AND slug = ''")
    .get(identity, hasPermKey, node)
  return row === undefined ? 0 : Number(row.mask)
}

const upsert = `INSERT INTO edges (class, source, target, slug, mask, rev, props) VALUES (?, ?, ?, '', ?, ?, '{}')
  ON CONFLICT (source, class, target, slug) DO UPDATE SET mask = excluded.mask, rev = excluded.rev`

/** Sets the mask that one identity is itself granted on one node; 0 removes the grant. */
export const setGrant = (tx: Tx, identity: number, node: number, hasPermKey: number, mask: number): void => {
  tx.touchPerms()
  const { seq } = tx
  if (mask === 0) {
    tx.conn
      .prepare("DELETE FROM edges WHERE source = ? AND class = ? AND target = ? AND slug = ''")
      .run(identity, hasPermKey, node)
    return
  }
  tx.conn.prepare(upsert).run(hasPermKey, identity, node, mask, seq)
  tx.touch(node)
  tx.conn.prepare("UPDATE nodes SET granted = 1 WHERE key = ? AND granted = 0").run(node)
}
