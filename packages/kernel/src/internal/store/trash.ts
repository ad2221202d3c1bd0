import { DamagedTree, maxClimb } from "../permission/arithmetic.ts"
import type { Graph, Tx } from "./Graph.ts"
import type { NodeRecord } from "./NodeRecord.ts"
import { nodeByKey, rootKey, trashKey } from "./nodes.ts"
import { isInTree } from "./places.ts"

/** The top of a deleted subtree. */
export interface TrashRow {
  readonly node: number
  readonly id: string
  /** Key of the node that it was under. */
  readonly parent: number
  readonly slug: string
  /** Where it was when it was deleted. */
  readonly path: string
  readonly class: string
  readonly seq: number
  readonly deletedAt: number
  readonly actor: string | null
}

const columns = 'node, id, parent, slug, path, class, seq, deleted_at AS "deletedAt", actor'

// Boundary, for all that read rows of `trash`: STRICT tables give exactly these types.
const rowsOf = (graph: Graph, rest: string, ...params: ReadonlyArray<number | string>) => {
  graph.asked++
  return graph.conn
    .prepare(`SELECT ${columns} FROM trash WHERE purging = 0 ${rest}`)
    .all(...params) as unknown as ReadonlyArray<TrashRow>
}

/** Whether anything is in the trash, purged or not. */
export const hasTrash = (graph: Graph): boolean =>
  graph.conn.prepare("SELECT 1 AS one FROM trash LIMIT 1").get() !== undefined

/** What was deleted as this node, if it can be restored. */
export const trashRow = (graph: Graph, key: number): TrashRow | undefined => rowsOf(graph, "AND node = ?", key)[0]

/** What was deleted last at a path. */
export const trashAt = (graph: Graph, path: string): TrashRow | undefined =>
  rowsOf(graph, "AND path = ? ORDER BY seq DESC LIMIT 1", path)[0]

/** What was deleted with this id. */
export const trashById = (graph: Graph, id: string): TrashRow | undefined => {
  graph.asked++
  const row = graph.conn.prepare("SELECT key FROM nodes WHERE id = ?").get(id)
  return row === undefined ? undefined : trashRow(graph, Number(row.key))
}

/** Tops, the latest first, behind a place in that order. */
export const trashPage = (graph: Graph, seq: number, node: number, limit: number): ReadonlyArray<TrashRow> =>
  rowsOf(graph, "AND (seq, node) < (?, ?) ORDER BY seq DESC, node DESC LIMIT ?", seq, node, limit)

/** Puts a node, which has left the tree, into the trash. */
export const insertTrash = (tx: Tx, row: TrashRow): void => {
  tx.conn
    .prepare(
      `INSERT INTO trash (node, id, parent, slug, path, class, seq, deleted_at, actor)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
    )
    .run(row.node, row.id, row.parent, row.slug, row.path, row.class, row.seq, row.deletedAt, row.actor)
}

/** Forgets that a node was in the trash. */
export const deleteTrash = (tx: Tx, key: number): void => {
  tx.conn.prepare("DELETE FROM trash WHERE node = ?").run(key)
  tx.conn.prepare("DELETE FROM trash_claims WHERE top = ?").run(key)
}

/** The top of the deleted subtree that a node is in; undefined where it is in the tree. */
export const trashTop = (graph: Graph, node: NodeRecord): number | undefined => {
  if (isInTree(graph, node)) return undefined
  let at = node
  for (let climbed = 0; climbed < maxClimb; climbed++) {
    if (at.parent === trashKey) return at.key
    const parent = nodeByKey(graph, at.parent)
    if (parent === undefined) return at.key
    at = parent
  }
  throw new DamagedTree(node.key)
}

/**
 * Keys from a node up to Root, as if whatever is in the trash were still where it was. What it was under may be gone
 * for good; then only grants on Root are left above it.
 */
export const chainAsIf = (graph: Graph, node: NodeRecord): ReadonlyArray<number> => {
  const chain: Array<number> = []
  for (let at: NodeRecord | undefined = node; at !== undefined; ) {
    if (chain.length >= maxClimb) throw new DamagedTree(node.key)
    chain.push(at.key)
    if (at.parent === 0) break
    const parent: number = at.parent === trashKey ? (trashRow(graph, at.key)?.parent ?? rootKey) : at.parent
    at = nodeByKey(graph, parent) ?? nodeByKey(graph, rootKey)
  }
  return chain
}

/** What somebody else has got while this was in the trash. */
export interface TrashClaim {
  readonly kind: "unique" | "edge" | "class" | "props"
  /** The node that had the unique value, or whose props a new version of its class may not take; the edge; the class. */
  readonly node: number
  /** The list of unique properties; the reference of a class; empty otherwise. */
  readonly name: string
  readonly value: string
}

/** Notes what a restore of `top` will have to look at. */
export const noteClaim = (tx: Tx, top: number, { kind, name, node, value }: TrashClaim): void => {
  tx.conn
    .prepare(
      `INSERT INTO trash_claims (top, kind, node, name, value) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (top, kind, node, name) DO UPDATE SET value = excluded.value`
    )
    .run(top, kind, node, name, value)
}

export const claimsOf = (graph: Graph, top: number, kind: TrashClaim["kind"]): ReadonlyArray<TrashClaim> =>
  graph.conn
    .prepare("SELECT kind, node, name, value FROM trash_claims WHERE top = ? AND kind = ? ORDER BY node, name")
    // Boundary: as above.
    .all(top, kind) as unknown as ReadonlyArray<TrashClaim>
