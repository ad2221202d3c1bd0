import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodesByKey, nodesOf } from "../store/nodes.ts"
import { encodeValue } from "./encode.ts"
import { readerOf } from "./fields.ts"
import type { OrderBy } from "./parseFilter.ts"
import type { IndexList, Stretch } from "./plan.ts"
import type { SortKey } from "./sort.ts"

/** One stretch of one index of the database: candidates in the order in which it has them. */
export interface Run {
  /** The next candidates behind one, or the first ones. */
  readonly read: (after: SortKey | undefined, count: number) => ReadonlyArray<NodeRecord>
  /** Where a candidate stands in this run. */
  readonly keyOf: (node: NodeRecord) => SortKey
}

/** The children of one node, those of one class, or all nodes of a class. */
export interface Area {
  readonly classKey: number | undefined
  readonly parent: number | undefined
}

/** Slugs from `lower` to below `upper`. */
export interface Slugs {
  readonly lower: string
  readonly upper: string
}

export const anySlug: Slugs = { lower: "", upper: "\u{10ffff}" }

/** By parent and slug: the order of nodes where no other is asked for. */
export const placeKey = (node: NodeRecord): SortKey => [node.parent, node.slug, node.key]

/** An area in the order of its places. Backwards, and between slugs, only below one parent. */
export const placeRun = (graph: Graph, area: Area, slugs: Slugs = anySlug, descending = false): Run => ({
  keyOf: placeKey,
  read: (after, count) => {
    const { classKey, parent } = area
    const ofClass = classKey === undefined ? "" : "class = ? AND "
    const key = classKey === undefined ? [] : [classKey]
    const [afterParent = 0, slug] = after ?? []
    if (parent === undefined) {
      const place = "(parent, slug) > (?, ?) ORDER BY parent, slug LIMIT ?"
      return nodesOf(graph, ofClass + place, ...key, afterParent, slug ?? "", count)
    }
    // Of several parents those before are through, and those behind have not begun.
    if (Number(afterParent) > parent) return []
    const afterSlug = Number(afterParent) < parent ? undefined : slug
    const within = descending
      ? "parent = ? AND slug >= ? AND slug < ? ORDER BY slug DESC LIMIT ?"
      : afterSlug === undefined
        ? "parent = ? AND slug >= ? AND slug < ? ORDER BY slug LIMIT ?"
        : "parent = ? AND slug > ? AND slug < ? ORDER BY slug LIMIT ?"
    const [lower, upper] = descending
      ? [slugs.lower, afterSlug ?? slugs.upper]
      : [afterSlug ?? slugs.lower, slugs.upper]
    return nodesOf(graph, ofClass + within, ...key, parent, lower, upper, count)
  }
})

/** A stretch of an index. `order` is what it comes in, which is the columns behind the stretch's prefix. */
export const indexRun = (
  graph: Graph,
  list: IndexList,
  parent: number | undefined,
  stretch: Stretch,
  order: ReadonlyArray<OrderBy>
): Run => {
  const descending = order[0]?.descending ?? false
  const where = `list = ?${parent === undefined ? "" : " AND parent = ?"}`
  const area = parent === undefined ? [list.id] : [list.id, parent]
  const select = graph.conn.prepare(
    descending
      ? `SELECT node FROM node_index WHERE ${where} AND (value, node) < (?, ?) AND value >= ?
         ORDER BY value DESC, node DESC LIMIT ?`
      : `SELECT node FROM node_index WHERE ${where} AND (value, node) > (?, ?) AND value < ? ORDER BY value, node LIMIT ?`
  )
  const { lower, upper } = stretch
  // Keys of nodes are above 0, so nothing is at a bound itself and before it.
  const first = descending ? [upper, 0] : [lower, 0]
  return {
    keyOf: (node) => sortKeyOf(graph, node, order),
    read: (after, count) => {
      const from =
        after === undefined ? first : [stretch.prefix + after.slice(0, -1).join(""), after[after.length - 1] ?? 0]
      const rows = select.all(...area, ...from, descending ? lower : upper, count)
      return nodesByKey(
        graph,
        rows.map((row) => Number(row.node))
      )
    }
  }
}

/** Where a node stands in an order. */
export const sortKeyOf = (graph: Graph, node: NodeRecord, order: ReadonlyArray<OrderBy>): SortKey => {
  const read = readerOf(graph, node)
  return [...order.map(({ field }) => encodeValue(read(field))), node.key]
}

/** Nodes that are at hand already, put in the order of a listing. */
export const fixedRun = (
  nodes: ReadonlyArray<NodeRecord>,
  keyOf: Run["keyOf"],
  compare: (a: SortKey, b: SortKey) => number
): Run => {
  const sorted = nodes.map((node) => ({ node, at: keyOf(node) })).sort((a, b) => compare(a.at, b.at))
  return {
    keyOf,
    read: (after, count) =>
      sorted
        .filter(({ at }) => after === undefined || compare(at, after) > 0)
        .slice(0, count)
        .map(({ node }) => node)
  }
}
