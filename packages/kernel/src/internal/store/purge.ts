import { floorOf, raiseFloor } from "./changes.ts"
import type { Graph, Tx } from "./Graph.ts"
import { dropFromIndexes } from "./indexRows.ts"
import { nodeByKey, trashKey } from "./nodes.ts"
import { deleteTrash } from "./trash.ts"
import { hasChildren } from "./tree.ts"

/** Rows that one write removes, so that others need not wait long for theirs. */
const chunk = 500

/** Whether something in the trash has been there since before `cutoff`, in milliseconds since the epoch. */
export const isPurgeDue = (graph: Graph, cutoff: number): boolean => overdue(graph, cutoff) !== undefined

const overdue = (graph: Graph, cutoff: number) =>
  graph.conn.prepare("SELECT node, deleted_at FROM trash WHERE deleted_at <= ? ORDER BY deleted_at LIMIT 1").get(cutoff)

/**
 * Removes for good some of what has been in the trash since before `cutoff`: the leaves below one top; its inner nodes
 * become tops themselves. What is half removed cannot be restored any more. Nobody sees any of it, so no commit is
 * counted.
 */
export const purgeSome = (tx: Tx, cutoff: number): void => {
  const row = overdue(tx, cutoff)
  if (row === undefined) return
  const [top, deletedAt] = [Number(row.node), Number(row.deleted_at)]
  tx.conn.prepare("UPDATE trash SET purging = 1 WHERE node = ?").run(top)
  const children = tx.conn.prepare("SELECT key, id FROM nodes WHERE parent = ? LIMIT ?").all(top, chunk)
  const leaves: Array<number> = []
  for (const child of children) {
    const key = Number(child.key)
    if (hasChildren(tx, key)) makeTop(tx, key, String(child.id), deletedAt)
    else leaves.push(key)
  }
  if (children.length > 0) destroy(tx, leaves)
  else if (destroy(tx, [top])) deleteTrash(tx, top)
}

const makeTop = (tx: Tx, key: number, id: string, deletedAt: number): void => {
  dropKey(tx, key)
  tx.touch(key)
  tx.touchTree()
  tx.conn.prepare("UPDATE nodes SET parent = ?, slug = id, skeleton = NULL WHERE key = ?").run(trashKey, key)
  tx.conn
    .prepare(
      `INSERT INTO trash (node, id, parent, slug, path, class, seq, deleted_at, purging)
       VALUES (?, ?, 0, '', '', '', 0, ?, 1)`
    )
    .run(key, id, deletedAt)
}

const dropKey = (tx: Tx, key: number): void => {
  const node = nodeByKey(tx, key)
  if (node !== undefined) dropFromIndexes(tx, node)
}

/** Removes nodes without children, if all their edges could be removed. */
const destroy = (tx: Tx, keys: ReadonlyArray<number>): boolean => {
  let left = chunk * 4
  for (const key of keys) {
    for (const end of ["source", "target"]) {
      const removed = tx.conn
        .prepare(`DELETE FROM edges WHERE key IN (SELECT key FROM edges WHERE ${end} = ? LIMIT ?)`)
        .run(key, left)
      left -= removed.changes
      if (left <= 0) return false
    }
    dropKey(tx, key)
    tx.touch(key)
    for (const table of ["node_uniques", "owned_folders"]) {
      tx.conn.prepare(`DELETE FROM ${table} WHERE node = ?`).run(key)
    }
    tx.conn.prepare("DELETE FROM nodes WHERE key = ?").run(key)
  }
  return true
}

const oldest = (graph: Graph) =>
  graph.conn.prepare("SELECT number, seq, at FROM node_changes ORDER BY number LIMIT ?").all(chunk)

/** Whether a change was written down before `cutoff`. */
export const isPruneDue = (graph: Graph, cutoff: number): boolean => {
  const row = graph.conn.prepare("SELECT at FROM node_changes ORDER BY number LIMIT 1").get()
  return row !== undefined && Number(row.at) < cutoff
}

/** Removes some of the changes that were written down before `cutoff`, the oldest first. */
export const pruneSome = (tx: Tx, cutoff: number): void => {
  let last: { readonly number: number; readonly seq: number } | undefined
  for (const row of oldest(tx)) {
    if (Number(row.at) >= cutoff) break
    last = { number: Number(row.number), seq: Number(row.seq) }
  }
  if (last === undefined) return
  tx.conn.prepare("DELETE FROM node_changes WHERE number <= ?").run(last.number)
  if (last.seq > floorOf(tx)) raiseFloor(tx, last.seq)
}
