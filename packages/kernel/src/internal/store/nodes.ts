import type { Row } from "@portico/gate/database"
import { type Json, Slug } from "@portico/schema"
import type { NodeView } from "../../Kernel.ts"
import { DamagedTree, maxClimb } from "../permission/arithmetic.ts"
import { propsText } from "../schema/props.ts"
import type { Graph, Tx } from "./Graph.ts"
import { addToIndexes, moveInIndexes } from "./indexRows.ts"
import { NodeRecord } from "./NodeRecord.ts"

export type Props = Readonly<Record<string, Json>>

/** Key of Root, which the first boot makes before anything else. */
export const rootKey = 1

/** Parent of what was deleted and can be restored. No node has this key, so nothing leads there. */
export const trashKey = -1

const columns = "key, id, parent, slug, class, granted, rev, created_at, updated_at, props"
const selectByKey = `SELECT ${columns} FROM nodes WHERE key = ?`
const selectById = `SELECT ${columns} FROM nodes WHERE id = ?`
const selectChild = `SELECT ${columns} FROM nodes WHERE parent = ? AND slug = ?`
const selectChildKey = "SELECT key FROM nodes WHERE parent = ? AND slug = ?"

const selectChain = `WITH RECURSIVE chain AS (
    SELECT ${columns} FROM nodes WHERE key = ?
    UNION SELECT ${columns
      .split(", ")
      .map((column) => `nodes.${column}`)
      .join(", ")} FROM chain JOIN nodes ON nodes.key = chain.parent
  ) SELECT ${columns} FROM chain`

interface NodeRow {
  readonly key: number
  readonly id: string
  readonly parent: number
  readonly slug: string
  readonly class: number
  readonly granted: number
  readonly rev: number
  readonly created_at: number
  readonly updated_at: number
  readonly props: string
}

const recordOf = (input: Row): NodeRecord => {
  // Boundary: STRICT tables give exactly these types.
  const row = input as unknown as NodeRow
  return new NodeRecord({
    key: row.key,
    id: row.id,
    parent: row.parent,
    slug: row.slug,
    classKey: row.class,
    granted: row.granted !== 0,
    rev: row.rev,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    propsText: row.props
  })
}

/** The record of a row that was read, the remembered one where there is one. */
const remember = (graph: Graph, row: Row): NodeRecord => {
  const { caches } = graph
  const key = Number(row.key)
  if (caches.isDirty(key)) return recordOf(row)
  const known = caches.records.get(key)
  if (known !== undefined) return known
  const record = recordOf(row)
  caches.records.set(key, record)
  return record
}

/** The node with this key, if it exists. */
export const nodeByKey = (graph: Graph, key: number): NodeRecord | undefined => {
  const { caches } = graph
  if (caches.isDirty(key)) return read(graph, key)
  const known = caches.records.get(key)
  if (known !== undefined) return known
  const record = read(graph, key)
  if (record !== undefined) caches.records.set(key, record)
  return record
}

const read = (graph: Graph, key: number): NodeRecord | undefined => {
  graph.asked++
  if (graph.sql.dialect === "postgres") return readChain(graph, key)
  const row = graph.conn.prepare(selectByKey).get(key)
  return row === undefined ? undefined : recordOf(row)
}

/**
 * Reads a node together with all its ancestors, since whoever wants it climbs: for its path, for masks, for whether it
 * is in the tree. One round trip rather than one for each.
 */
const readChain = (graph: Graph, key: number): NodeRecord | undefined => {
  const records = graph.conn.prepare(selectChain).all(key).map(recordOf)
  for (const record of records) {
    if (record.key !== key && !graph.caches.isDirty(record.key)) graph.caches.records.set(record.key, record)
  }
  return records.find((record) => record.key === key)
}

/** The node with this id, in the tree or not. */
export const anyById = (graph: Graph, id: string): NodeRecord | undefined => {
  const known = graph.caches.keysById.get(id)
  if (known !== undefined) return nodeByKey(graph, known)
  graph.asked++
  const row = graph.conn.prepare(selectById).get(id)
  if (row === undefined) return undefined
  const node = remember(graph, row)
  // An id names one key for good, so it may be remembered; only what a rollback takes back must not be.
  if (!graph.caches.isDirty(node.key)) graph.caches.keysById.set(id, node.key)
  return node
}

/** Key of the child with this slug. */
export const childKey = (graph: Graph, parent: number, slug: string): number | undefined => {
  graph.asked++
  const row = graph.conn.prepare(selectChildKey).get(parent, slug)
  return row === undefined ? undefined : Number(row.key)
}

/** The child with this slug. */
export const childOf = (graph: Graph, parent: number, slug: string): NodeRecord | undefined => {
  graph.asked++
  const row = graph.conn.prepare(selectChild).get(parent, slug)
  return row === undefined ? undefined : remember(graph, row)
}

/** Where looking up a path ended: at its node, or at the nearest ancestor that exists. */
export interface Found {
  readonly node: NodeRecord | undefined
  readonly nearest: NodeRecord
}

/** Looks a path up. `text` is its canonical form, under which the answer is remembered. */
export const nodeByPath = (graph: Graph, text: string, slugs: ReadonlyArray<string>): Found => {
  const known = nodeAt(graph, text)
  // A removed node's path may be remembered a while; then look again.
  return known === undefined ? walk(graph, text, slugs) : { node: known, nearest: known }
}

/** The node that is remembered at a path. */
export const nodeAt = (graph: Graph, path: string): NodeRecord | undefined => {
  const known = graph.caches.paths?.get(path)
  return typeof known === "number" ? nodeByKey(graph, known) : known
}

const walk = (graph: Graph, text: string, slugs: ReadonlyArray<string>): Found => {
  const root = rootOf(graph)
  if (slugs.length === 0) return { node: root, nearest: root }
  const cut = text.lastIndexOf("/")
  const up = nodeByPath(graph, cut === 0 ? "/" : text.slice(0, cut), slugs.slice(0, -1))
  if (up.node === undefined) return up
  const node = childOf(graph, up.node.key, slugs[slugs.length - 1] ?? "")
  if (node === undefined) return { node, nearest: up.node }
  if (!graph.caches.isDirty(node.key)) graph.caches.paths?.set(text, node)
  return { node, nearest: node }
}

export const rootOf = (graph: Graph): NodeRecord => {
  const root = nodeByKey(graph, rootKey)
  if (root === undefined) throw new Error("the store has no Root")
  return root
}

/** The tree path of a node that exists. */
export const pathOf = (graph: Graph, node: NodeRecord): string => {
  if (node.parent === 0) return "/"
  const stable = graph.caches.paths !== undefined
  const epoch = graph.caches.treeEpoch
  if (stable && node.epoch === epoch && node.path !== undefined) return node.path
  const path = climb(graph, node)
  if (stable) {
    node.path = path
    node.view = undefined
    node.epoch = epoch
  }
  return path
}

const climb = (graph: Graph, node: NodeRecord): string => {
  let path = `/${node.slug}`
  let at = node
  for (let climbed = 0; climbed < maxClimb; climbed++) {
    if (at.parent === 0) return path
    const parent = nodeByKey(graph, at.parent)
    if (parent === undefined) throw new Error(`node ${at.key} has no parent in the store`)
    if (parent.path !== undefined && parent.epoch === graph.caches.treeEpoch && graph.caches.paths !== undefined) {
      return `${parent.path}${path}`
    }
    if (parent.parent !== 0) path = `/${parent.slug}${path}`
    at = parent
  }
  throw new DamagedTree(node.key)
}

/** How deep a node lies: 0 for Root. */
export const depthOf = (graph: Graph, node: NodeRecord): number => {
  let depth = 0
  for (let at: NodeRecord | undefined = node; at !== undefined && at.parent !== 0; at = nodeByKey(graph, at.parent)) {
    if (++depth > maxClimb) throw new DamagedTree(node.key)
  }
  return depth
}

/** The node as it is answered. Remembered on the record, so a hot node is built once. */
export const viewOf = (graph: Graph, node: NodeRecord): NodeView => {
  const path = pathOf(graph, node)
  if (node.view !== undefined && node.path === path) return node.view
  const view: NodeView = Object.freeze({
    id: node.id,
    path,
    slug: node.slug,
    class: graph.schema.refOf(graph, node.classKey),
    props: node.props,
    rev: node.rev,
    createdAt: node.createdAt,
    updatedAt: node.updatedAt
  })
  if (node.path === path) node.view = view
  return view
}

/** A node to be made. */
export interface NewNode {
  readonly parent: number
  readonly slug: string
  readonly classKey: number
  readonly props: Props
  readonly id?: string
  /** For schema nodes, whose contracts have a limit of their own. */
  readonly unbounded?: boolean
}

const insert = `INSERT INTO nodes (key, id, parent, slug, skeleton, class, rev, created_at, updated_at, props)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

/** Makes a node whose place is known to be free. */
export const insertNode = (tx: Tx, node: NewNode): NodeRecord => {
  const key = tx.nextKey()
  const { parent, slug, classKey } = node
  const id = node.id ?? tx.ids.next()
  const skeleton = Slug.skeleton(slug)
  const text = node.unbounded === true ? JSON.stringify(node.props) : propsText(node.props, tx.propsBytes)
  tx.touch(key)
  const { seq, now } = tx
  tx.conn.prepare(insert).run(key, id, parent, slug, skeleton === slug ? null : skeleton, classKey, seq, now, now, text)
  const fields = { key, id, parent, slug, classKey, granted: false, rev: seq, createdAt: now, updatedAt: now }
  // Classes of the schema itself have no indexes, and while it is first written there are no classes.
  if (node.unbounded !== true) addToIndexes(tx, { ...fields, props: node.props })
  markInner(tx, parent)
  return new NodeRecord({ ...fields, propsText: text })
}

/** Gives a node other props. */
export const updateNode = (tx: Tx, node: NodeRecord, props: Props, unbounded = false): NodeRecord => {
  tx.touch(node.key)
  const { seq, now } = tx
  const text = unbounded ? JSON.stringify(props) : propsText(props, tx.propsBytes)
  tx.conn.prepare("UPDATE nodes SET props = ?, rev = ?, updated_at = ? WHERE key = ?").run(text, seq, now, node.key)
  const updated = node.with({ propsText: text, rev: seq, updatedAt: now })
  if (!unbounded) moveInIndexes(tx, node, updated)
  return updated
}

/** Gives a node another place, known to be free. */
export const placeNode = (tx: Tx, node: NodeRecord, parent: number, slug: string, unbounded = false): NodeRecord => {
  tx.touch(node.key)
  tx.touchTree()
  const { seq, now } = tx
  const skeleton = Slug.skeleton(slug)
  tx.conn
    .prepare("UPDATE nodes SET parent = ?, slug = ?, skeleton = ?, rev = ?, updated_at = ? WHERE key = ?")
    .run(parent, slug, skeleton === slug ? null : skeleton, seq, now, node.key)
  const placed = node.with({ parent, slug, rev: seq, updatedAt: now })
  if (!unbounded) moveInIndexes(tx, node, placed)
  if (parent !== node.parent) markInner(tx, parent)
  return placed
}

/** Marks a node that something is put into. */
const markInner = (tx: Tx, key: number): void => {
  if (tx.inner.has(key)) return
  tx.inner.add(key)
  tx.conn.prepare("UPDATE nodes SET holds = 1 WHERE key = ? AND holds = 0").run(key)
}

/** The slug of a sibling that looks the same as `slug` without being it, if there is one. */
export const lookAlike = (graph: Graph, parent: number, slug: string): string | undefined => {
  const skeleton = Slug.skeleton(slug)
  const row = graph.conn
    .prepare("SELECT slug FROM nodes WHERE parent = ? AND skeleton = ? AND slug <> ? LIMIT 1")
    .get(parent, skeleton, slug)
  if (row !== undefined) return String(row.slug)
  return skeleton !== slug && childKey(graph, parent, skeleton) !== undefined ? skeleton : undefined
}

/** The nodes with these keys, in their order; those that do not exist are left out. */
export const nodesByKey = (graph: Graph, keys: ReadonlyArray<number>): ReadonlyArray<NodeRecord> => {
  const { caches } = graph
  const found = new Map<number, NodeRecord>()
  const wanted: Array<number> = []
  for (const key of keys) {
    const record = caches.isDirty(key) ? undefined : caches.records.get(key)
    if (record === undefined) wanted.push(key)
    else found.set(key, record)
  }
  if (wanted.length > 0) {
    const select = graph.conn.prepare(`SELECT ${columns} FROM nodes WHERE key IN ${graph.sql.numbers("?")}`)
    for (const row of select.all(JSON.stringify(wanted))) found.set(Number(row.key), remember(graph, row))
  }
  return keys.flatMap((key) => found.get(key) ?? [])
}

/** Reads nodes that will be wanted one by one, where each of them would cost a round trip. */
export const preload = (graph: Graph, keys: ReadonlyArray<number>): void => {
  if (graph.sql.dialect === "postgres" && keys.length > 1) nodesByKey(graph, keys)
}

/** Nodes that a condition on `nodes` selects, with its order and limit. */
export const nodesOf = (
  graph: Graph,
  condition: string,
  ...params: ReadonlyArray<string | number>
): ReadonlyArray<NodeRecord> => {
  const { caches } = graph
  if (graph.sql.dialect === "postgres") return readNodes(graph, condition, params)
  const keys = graph.conn.prepare(`SELECT key FROM nodes WHERE ${condition}`).all(...params)
  const known: Array<NodeRecord> = []
  for (const row of keys) {
    const key = Number(row.key)
    const record = caches.isDirty(key) ? undefined : caches.records.get(key)
    if (record === undefined) break
    known.push(record)
  }
  // Keys alone come off the index; the rows are read only if one of them is not remembered.
  return known.length === keys.length ? known : readNodes(graph, condition, params)
}

const readNodes = (graph: Graph, condition: string, params: ReadonlyArray<string | number>) =>
  graph.conn
    .prepare(`SELECT ${columns} FROM nodes WHERE ${condition}`)
    .all(...params)
    .map((row) => remember(graph, row))

/** A child, and whether it may have children of its own. */
export interface Child {
  readonly node: NodeRecord
  readonly isInner: boolean
}

/** Children by slug, behind one, at most `limit`. */
export const childrenOf = (graph: Graph, parent: number, after: string, limit: number): ReadonlyArray<Child> =>
  graph.conn
    .prepare(`SELECT ${columns}, holds FROM nodes WHERE parent = ? AND slug > ? ORDER BY slug LIMIT ?`)
    .all(parent, after, limit)
    .map((row) => ({ node: remember(graph, row), isInner: row.holds === 1 }))
