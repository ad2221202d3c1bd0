import type { Row } from "@portico/gate/database"
import { DamagedTree, maxClimb } from "../permission/arithmetic.ts"
import type { Graph } from "./Graph.ts"
import { NodeRecord } from "./NodeRecord.ts"
import { anyById, nodeByKey, trashKey } from "./nodes.ts"

/** What permissions need to know of a node. A {@link NodeRecord} is one, too. */
export interface Place {
  readonly key: number
  /** 0 for Root. */
  readonly parent: number
  /** Whether any grant was ever made on it. */
  readonly granted: boolean
}

/** Nodes on the way up that are read at once. A join of so many costs less than a recursion, which fills a table. */
const levels = Array.from({ length: 12 }, (_, level) => level)
const selectUpFrom = (column: "id" | "key") =>
  `SELECT n0.key AS key, ${levels
    .map((level) => `n${level}.parent * 2 + n${level}.granted AS p${level}`)
    .join(", ")} FROM nodes AS n0 ${levels
    .slice(1)
    .map((level) => `LEFT JOIN nodes AS n${level} ON n${level}.key = n${level - 1}.parent`)
    .join(" ")} WHERE n0.${column} = ?`
const [selectUpById, selectUpByKey] = [selectUpFrom("id"), selectUpFrom("key")]
const columnsUp = levels.map((level) => `p${level}`)

/** A place that was read as one number: `parent * 2 + granted`. */
export const placeOf = (key: number, code: number): Place => ({
  key,
  parent: Math.floor(code / 2),
  granted: (code & 1) === 1
})

/**
 * The place of a node, if it exists. Of one that is not remembered the places of ancestors are read along, in one
 * statement and without what permissions have no use for, since whoever asks is climbing.
 */
export const placeByKey = (graph: Graph, key: number): Place | undefined => {
  const { places, records } = graph.caches
  // Where each question is a round trip, ancestors come with every node.
  if (places === undefined) return nodeByKey(graph, key)
  if (!graph.caches.isDirty(key)) {
    const record = records.get(key)
    if (record !== undefined) return record
    const known = places.get(key)
    if (known !== undefined) return placeOf(key, known)
  }
  graph.asked++
  return readUp(graph, graph.conn.prepare(selectUpByKey).get(key))
}

const readUp = (graph: Graph, row: Row | undefined): Place | undefined => {
  if (row === undefined) return undefined
  let first: Place | undefined
  let at = Number(row.key)
  for (const column of columnsUp) {
    const code = row[column]
    if (typeof code !== "number") break
    graph.caches.places?.set(at, code)
    first ??= placeOf(at, code)
    at = Math.floor(code / 2)
  }
  return first
}

/** The place of the node with this id, if it is in the tree. */
export const placeById = (graph: Graph, id: string): Place | undefined => {
  const place = anyPlaceById(graph, id)
  return place !== undefined && isInTree(graph, place) ? place : undefined
}

/** The place of the node with this id, in the tree or not. */
export const anyPlaceById = (graph: Graph, id: string): Place | undefined => {
  const { caches } = graph
  if (caches.places === undefined) return anyById(graph, id)
  const known = caches.keysById.get(id)
  if (known !== undefined) return placeByKey(graph, known)
  const place = readUp(graph, graph.conn.prepare(selectUpById).get(id))
  if (place !== undefined) caches.keysById.set(id, place.key)
  return place
}

/** The node with this id, if it is in the tree. */
export const nodeById = (graph: Graph, id: string): NodeRecord | undefined => {
  const node = anyById(graph, id)
  return node !== undefined && isInTree(graph, node) ? node : undefined
}

/** Whether a node can be reached from Root, as against one that was deleted, or is below one. */
export const isInTree = (graph: Graph, node: Place): boolean => {
  const { paths, treeEpoch } = graph.caches
  let at = node
  for (let climbed = 0; climbed < maxClimb; climbed++) {
    if (at.parent === 0) return true
    if (at.parent === trashKey) return false
    // Only nodes of the tree have a path.
    if (at instanceof NodeRecord && paths !== undefined && at.epoch === treeEpoch && at.path !== undefined) return true
    const parent = placeByKey(graph, at.parent)
    if (parent === undefined) return false
    at = parent
  }
  throw new DamagedTree(node.key)
}

/** {@link isInTree} by key. */
export const isKeyInTree = (graph: Graph, key: number): boolean => {
  const place = placeByKey(graph, key)
  return place !== undefined && isInTree(graph, place)
}
