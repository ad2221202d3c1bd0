import { DamagedTree, maxClimb } from "../permission/arithmetic.ts"
import type { AllowedBy } from "../permission/Standing.ts"
import type { Graph, Tx } from "./Graph.ts"
import type { NodeRecord } from "./NodeRecord.ts"
import { nodeByKey, pathOf } from "./nodes.ts"
import { hasChildren } from "./tree.ts"

export type ChangeOp =
  | "create"
  | "update"
  | "move"
  | "delete"
  | "restore"
  | "link"
  | "updateLink"
  | "unlink"
  | "grant"
  | "revoke"
  | "addMember"
  | "removeMember"
  // Told to nobody as such: everybody reads afresh.
  | "install"

/** Where a node is: its path, and the keys of its ancestors from the top, each followed by a slash. */
export interface Standpoint {
  readonly path: string
  readonly above: string
}

const aboveOf = (graph: Graph, node: NodeRecord): string => {
  let above = ""
  let at = node
  for (let climbed = 0; climbed < maxClimb; climbed++) {
    if (at.parent === 0) return above
    above = `${at.parent}/${above}`
    const parent = nodeByKey(graph, at.parent)
    if (parent === undefined) throw new Error(`node ${at.key} has no parent in the store`)
    at = parent
  }
  throw new DamagedTree(node.key)
}

/** Where a node of the tree is now. */
export const standpointOf = (graph: Graph, node: NodeRecord): Standpoint => ({
  path: pathOf(graph, node),
  above: aboveOf(graph, node)
})

/** Keys of a node's chain, from the top, itself last. */
export const chainOf = (above: string, node: number): ReadonlyArray<number> => [
  ...above.split("/").slice(0, -1).map(Number),
  node
]

/** Key of the parent in `above`; 0 for Root. */
export const parentIn = (above: string): number => Number(above.split("/").at(-2) ?? 0)

/** A change, as it is told to be written down. */
export interface NewChange {
  readonly op: ChangeOp
  /** The node after the change; of an edge, its source. */
  readonly node: NodeRecord
  /** Where the node was, if it was elsewhere. */
  readonly from?: Standpoint
  readonly edge?: { readonly class: number; readonly target: NodeRecord; readonly slug: string }
  /** Texts of props. */
  readonly before?: string
  readonly after?: string
}

/** Who made a change. */
export interface Author {
  readonly actor: string | null
  readonly via: string | undefined
  readonly half: AllowedBy
}

const insert = `INSERT INTO node_changes (seq, at, op, node, target, class, actor, via, half, node_id, target_id,
    node_class, slug, path, above, from_path, from_above, target_above, holds, before, after)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

/** Operations that take along what is below the node. */
const whole: ReadonlySet<ChangeOp> = new Set(["move", "delete", "restore"])

/** Writes a change down. What is deleted is in no place any more, so it has only a `from`. */
export const writeChange = (tx: Tx, change: NewChange, author: Author): void => {
  const { op, node, from, edge } = change
  const place = op === "delete" ? undefined : standpointOf(tx, node)
  tx.conn
    .prepare(insert)
    .run(
      tx.seq,
      tx.now,
      op,
      node.key,
      edge?.target.key ?? null,
      edge?.class ?? null,
      author.actor,
      author.via ?? null,
      author.half,
      node.id,
      edge?.target.id ?? null,
      node.classKey,
      edge?.slug ?? null,
      place?.path ?? null,
      place?.above ?? null,
      from?.path ?? null,
      from?.above ?? null,
      edge === undefined ? null : aboveOf(tx, edge.target),
      whole.has(op) ? Number(hasChildren(tx, node.key)) : null,
      change.before ?? null,
      change.after ?? null
    )
}

/** A change, as it was written down. */
export interface ChangeRow {
  readonly number: number
  readonly seq: number
  readonly at: number
  readonly op: ChangeOp
  readonly node: number
  readonly nodeId: string
  /** Key of the node's class. */
  readonly nodeClass: number
  readonly actor: string | null
  readonly via: string | null
  readonly half: AllowedBy
  readonly path: string | null
  readonly above: string | null
  readonly fromPath: string | null
  readonly fromAbove: string | null
  /** Of an edge, like all that follows but `before`. */
  readonly class: number | null
  readonly target: number | null
  readonly targetId: string | null
  readonly targetAbove: string | null
  readonly slug: string | null
  readonly holds: number | null
  readonly before: string | null
  readonly after: string | null
}

const columns = `number, seq, at, op, node, node_id AS "nodeId", node_class AS "nodeClass", actor, via, half, path, above,
  from_path AS "fromPath", from_above AS "fromAbove", class, target, target_id AS "targetId",
  target_above AS "targetAbove", slug, holds, before, after`

// Boundary, for all that read rows of `node_changes`: STRICT tables give exactly these types.
const rowsOf = (graph: Graph, rest: string, ...params: ReadonlyArray<number>): ReadonlyArray<ChangeRow> =>
  graph.conn
    .prepare(`SELECT ${columns} FROM node_changes ${rest}`)
    .all(...params) as unknown as ReadonlyArray<ChangeRow>

/** Changes behind a number, in order. */
export const changesAfter = (graph: Graph, number: number, limit: number): ReadonlyArray<ChangeRow> =>
  rowsOf(graph, "WHERE number > ? ORDER BY number LIMIT ?", number, limit)

/** Changes of a node and of the edges at it that come before a number, the latest first. */
export const changesAt = (graph: Graph, node: number, before: number, limit: number): ReadonlyArray<ChangeRow> =>
  rowsOf(
    graph,
    `WHERE number IN (
       SELECT number FROM (SELECT number FROM node_changes WHERE node = ? AND number < ? ORDER BY number DESC LIMIT ?) AS own
       UNION
       SELECT number FROM (SELECT number FROM node_changes WHERE target = ? AND number < ? ORDER BY number DESC LIMIT ?) AS ends
     ) AND node_id IS NOT NULL ORDER BY number DESC LIMIT ?`,
    node,
    before,
    limit,
    node,
    before,
    limit,
    limit
  )

/**
 * Where to go on after commit `seq`: the number of its last change. Numbers and commits ascend together, so a search
 * by halves does without an index that each write would have to pay for.
 */
export const numberAfter = (graph: Graph, seq: number): number => {
  const at = graph.conn.prepare("SELECT number, seq FROM node_changes WHERE number >= ? ORDER BY number LIMIT 1")
  const last = Number(graph.conn.prepare("SELECT max(number) AS number FROM node_changes").get()?.number ?? 0)
  // Every change from `high` on is behind `seq`; every one below `low` is not.
  let low = 0
  let high = last + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const row = at.get(middle)
    if (row === undefined || Number(row.seq) > seq) high = middle
    else low = Number(row.number) + 1
  }
  return low - 1
}

const meta = (graph: Graph, name: string): number =>
  Number(graph.conn.prepare("SELECT value FROM kernel_meta WHERE name = ?").get(name)?.value ?? 0)

/** Commits up to this one may lack changes: they are no longer kept. */
export const floorOf = (graph: Graph): number => meta(graph, "changes floor")

export const raiseFloor = (tx: Tx, seq: number): void => {
  tx.conn.prepare("UPDATE kernel_meta SET value = ? WHERE name = 'changes floor' AND value < ?").run(seq, seq)
}

const ownChange = "FROM node_changes WHERE node = ? AND class IS NULL"

/** The text of a node's props just after a change of it; undefined once the node is gone. */
export const propsAfter = (graph: Graph, node: number, number: number): string | undefined => {
  const next = graph.conn
    .prepare(`SELECT before ${ownChange} AND number > ? AND before IS NOT NULL ORDER BY number LIMIT 1`)
    .get(node, number)
  return next === undefined ? nodeByKey(graph, node)?.propsText : String(next.before)
}

/** Where a node was just after a number: key of its parent, and slug; undefined for where it is now. */
export const placeAfter = (
  graph: Graph,
  node: number,
  number: number
): { readonly parent: number; readonly slug: string } | undefined => {
  const next = graph.conn
    .prepare(
      `SELECT from_path, from_above ${ownChange} AND number > ? AND from_above IS NOT NULL ORDER BY number LIMIT 1`
    )
    .get(node, number)
  if (next === undefined) return undefined
  const path = String(next.from_path)
  return { parent: parentIn(String(next.from_above)), slug: path.slice(path.lastIndexOf("/") + 1) }
}

/** Whether a node was made after a number, as far as is still known. */
export const madeAfter = (graph: Graph, node: number, number: number): boolean =>
  graph.conn.prepare(`SELECT 1 AS one ${ownChange} AND number > ? AND op = 'create' LIMIT 1`).get(node, number) !==
  undefined
