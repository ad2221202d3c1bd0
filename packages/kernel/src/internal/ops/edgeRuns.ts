import type { Row } from "@portico/gate/database"
import type { Json } from "@portico/schema"
import type { Position } from "../cursor.ts"
import type { EdgeType } from "../schema/types.ts"
import { hasParent, instanceOf } from "../schema/wellKnown.ts"
import { edgeProps } from "../store/edges.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodesOf } from "../store/nodes.ts"

type Side = "out" | "in"

/** Edges of one class on one side of a node: what one range of one index holds. */
export interface Run {
  readonly type: EdgeType
  readonly side: Side
  /** Whether an edge from the node to itself was in an earlier run already. */
  readonly skipSelf: boolean
}

/** One edge, seen from the node that was asked. */
export interface End {
  /** Where a page that ends with it goes on. */
  readonly at: Position
  /** Key of the node at the other end. */
  readonly other: number
  readonly slug: string
  readonly mask: number | null
  readonly rev: number
  readonly props: Readonly<Record<string, Json>>
}

/** Classes of the edges on one side of a node, each found with one seek. */
const classesAt = (graph: Graph, node: number, side: Side): ReadonlyArray<EdgeType> => {
  const column = side === "out" ? "source" : "target"
  const next = graph.conn.prepare(`SELECT class FROM edges WHERE ${column} = ? AND class > ? ORDER BY class LIMIT 1`)
  const found: Array<EdgeType> = []
  for (let row = next.get(node, 0); row !== undefined; row = next.get(node, Number(row.class))) {
    const type = graph.schema.typeByKey(graph, Number(row.class))
    if (type?.kind === "edge") found.push(type)
  }
  return found
}

/** The runs that a listing goes through, in order. A symmetric edge counts in both directions. */
export const runsOf = (
  graph: Graph,
  node: NodeRecord,
  only: EdgeType | undefined,
  direction: Side | "both"
): ReadonlyArray<Run> => {
  const runs: Array<Run> = []
  for (const side of ["out", "in"] as const) {
    const types = only === undefined ? classesAt(graph, node.key, side) : [only]
    for (const type of types) {
      const bothWays = direction === "both" || type.contract.symmetric
      if (bothWays || direction === side) runs.push({ type, side, skipSelf: bothWays && side === "in" })
    }
  }
  return runs
}

/** Where a run begins. */
export const start: Position = [0, ""]

/** The next edges of a run behind a position, in the order of an index. */
export const endsOf = (
  graph: Graph,
  node: NodeRecord,
  run: Run,
  after: Position,
  limit: number
): ReadonlyArray<End> => {
  if (run.type.ref === hasParent) return parentEnds(graph, node, run.side, after, limit)
  if (run.type.ref === instanceOf) return classEnds(graph, node, run.side, after, limit)
  const [near, far] = run.side === "out" ? ["source", "target"] : ["target", "source"]
  const rows = graph.conn
    .prepare(
      `SELECT ${far} AS other, slug, mask, rev, props FROM edges WHERE ${near} = ? AND class = ? AND (${far}, slug) > (?, ?)
       ORDER BY ${far}, slug LIMIT ?`
    )
    .all(node.key, run.type.key, ...after, limit)
  return rows.map(endOf)
}

const endOf = (input: Row): End => {
  // Boundary: a STRICT table gives exactly these types.
  const row = input as unknown as EndRow
  const { mask, other, rev, slug } = row
  return { at: [other, slug], other, slug, mask, rev, props: edgeProps(row.props) }
}

interface EndRow {
  readonly other: number
  readonly slug: string
  readonly mask: number | null
  readonly rev: number
  readonly props: string
}

const end = (other: number, rev: number, at: Position): End => ({ at, other, slug: "", mask: null, rev, props: {} })

const one = (other: number, rev: number, [after]: Position): ReadonlyArray<End> =>
  other === 0 || other <= Number(after) ? [] : [end(other, rev, [other, ""])]

const parentEnds = (graph: Graph, node: NodeRecord, side: Side, after: Position, limit: number): ReadonlyArray<End> =>
  side === "out"
    ? one(node.parent, node.rev, after)
    : nodesOf(graph, "parent = ? AND slug > ? ORDER BY slug LIMIT ?", node.key, after[1] ?? "", limit).map((child) =>
        end(child.key, child.rev, [0, child.slug])
      )

const byClass = "class = ? AND (parent, slug) > (?, ?) ORDER BY parent, slug LIMIT ?"

const classEnds = (graph: Graph, node: NodeRecord, side: Side, after: Position, limit: number): ReadonlyArray<End> =>
  side === "out"
    ? one(node.classKey, node.rev, after)
    : nodesOf(graph, byClass, node.key, ...after, limit).map((instance) =>
        end(instance.key, instance.rev, [instance.parent, instance.slug])
      )
