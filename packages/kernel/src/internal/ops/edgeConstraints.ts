import { PorticoError } from "@portico/schema"
import { propsProblem } from "../check/props.ts"
import type { QueryLimits } from "../query/Budget.ts"
import type { EdgeType } from "../schema/types.ts"
import { anyEdge, countEdges, type EdgeRecord, edgesAt } from "../store/edges.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { isKeyInTree } from "../store/places.ts"
import { hasTrash, trashTop } from "../store/trash.ts"
import { violated } from "./Op.ts"
import { fitsAny } from "./types.ts"

/** How many edges one node may have at an end. */
export interface Cardinality {
  readonly min: number
  readonly max: number
}

/** Reads `"0..1"`, `"1"`, `"0..*"`, `"1..*"` and any `min..max`; nothing given is `0..*`. */
export const cardinalityOf = (text: string | undefined): Cardinality => {
  if (text === undefined) return { min: 0, max: Number.POSITIVE_INFINITY }
  const [low = "0", high = low] = text.split("..")
  return { min: Number(low), max: high === "*" ? Number.POSITIVE_INFINITY : Number(high) }
}

/** An edge that a node in the trash has, and the top of what was deleted there. */
export interface Aside {
  readonly edge: number
  readonly top: number
}

/** How many edges a check looks at before it gives up on telling those in the trash from the others. */
const edgeBudget = 100_000

/** How many edges of a class a node has at one end, up to `most`, and which more it has to nodes in the trash. */
const edgesOf = (graph: Graph, type: EdgeType, node: number, end: 0 | 1, most: number) => {
  const sides = type.contract.symmetric ? (["out", "in"] as const) : [end === 0 ? ("out" as const) : ("in" as const)]
  const aside: Array<Aside> = []
  let count = 0
  for (const side of sides) {
    if (!hasTrash(graph)) {
      count += countEdges(graph, type.key, node, side, most)
      continue
    }
    for (const each of edgesAt(graph, type.key, node, side, edgeBudget)) {
      const other = nodeByKey(graph, each.other)
      const top = other === undefined ? undefined : trashTop(graph, other)
      if (top === undefined) count++
      else aside.push({ edge: each.edge, top })
      if (count >= most) return { count, aside }
    }
  }
  return { count, aside }
}

/** How many edges of a class a node has at one end; a symmetric edge has both its nodes at both ends. */
export const degree = (graph: Graph, type: EdgeType, node: number, end: 0 | 1, most: number): number =>
  edgesOf(graph, type, node, end, most).count

const checkEnd = (graph: Graph, type: EdgeType, end: 0 | 1, node: NodeRecord): void => {
  const { as, types } = type.contract.ends[end]
  if (!fitsAny(graph, node, types)) {
    violated(`the ${as} of ${type.ref} has to be one of ${types.join(", ")}`, { constraint: "ends", end: as })
  }
}

const selfish = (type: EdgeType): never =>
  violated(`${type.ref} does not go from a node to itself`, { constraint: "noSelf" })

const doubled = (type: EdgeType): never =>
  violated(`${type.ref} is there at most once between two nodes`, { constraint: "unique" })

const countBetween = (graph: Graph, type: EdgeType, { source, target }: EdgeRecord): number =>
  Number(
    graph.conn
      .prepare("SELECT count(*) AS n FROM edges WHERE source = ? AND class = ? AND target = ?")
      .get(source, type.key, target)?.n
  )

/** Refuses one edge more than a node may have at an end. */
const checkMost = (graph: Graph, type: EdgeType, end: 0 | 1, node: NodeRecord): ReadonlyArray<Aside> => {
  const { max } = cardinalityOf(type.contract.ends[end].cardinality)
  if (max === Number.POSITIVE_INFINITY) return []
  const { aside, count } = edgesOf(graph, type, node.key, end, max)
  if (count >= max) tooMany(type, end)
  return aside
}

const tooMany = (type: EdgeType, end: 0 | 1): never => {
  const { as, cardinality } = type.contract.ends[end]
  const { max } = cardinalityOf(cardinality)
  return violated(`a node is the ${as} of at most ${max} of ${type.ref}`, { constraint: "cardinality", end: as, max })
}

/**
 * Whether following edges of a class from `from` leads to `to`. Edges into the trash lead nowhere; they are named, since
 * what was allowed without them may not be with them.
 */
const leadsTo = (
  graph: Graph,
  classKey: number,
  [from, to]: readonly [from: number, to: number],
  { visited: max }: Pick<QueryLimits, "visited">
) => {
  const targets = graph.conn.prepare("SELECT key, target FROM edges WHERE source = ? AND class = ?")
  const mayMiss = hasTrash(graph)
  const aside: Array<Aside> = []
  const seen = new Set([from])
  for (const node of seen) {
    if (node === to) return { leads: true, aside }
    if (seen.size > max) {
      throw PorticoError.make("LIMIT_EXCEEDED", `a check for cycles visits at most ${max} nodes`, {
        limit: "visited",
        max
      })
    }
    for (const row of targets.all(node, classKey)) {
      const target = mayMiss ? nodeByKey(graph, Number(row.target)) : undefined
      const top = target === undefined ? undefined : trashTop(graph, target)
      if (top === undefined) seen.add(Number(row.target))
      else aside.push({ edge: Number(row.key), top })
    }
  }
  return { leads: false, aside }
}

const cycle = (type: EdgeType): never => {
  throw PorticoError.make("CYCLE", `this edge of ${type.ref} would close a cycle`, { constraint: "acyclic" })
}

/**
 * Refuses a new edge that the class's constraints do not allow. Answers the edges that would have been in the way if one
 * of their nodes were not in the trash.
 */
export const checkNewEdge = (
  graph: Graph,
  type: EdgeType,
  source: NodeRecord,
  target: NodeRecord,
  limits: QueryLimits
): ReadonlyArray<Aside> => {
  const { contract } = type
  checkEnd(graph, type, 0, source)
  checkEnd(graph, type, 1, target)
  if (contract.noSelf && source.key === target.key) {
    selfish(type)
  }
  const isDoubled =
    anyEdge(graph, type.key, source.key, target.key) ||
    (contract.symmetric && anyEdge(graph, type.key, target.key, source.key))
  if (contract.unique && isDoubled) doubled(type)
  const aside = [...checkMost(graph, type, 0, source), ...checkMost(graph, type, 1, target)]
  if (!contract.acyclic) return aside
  const found = leadsTo(graph, type.key, [target.key, source.key], limits)
  return found.leads ? cycle(type) : [...aside, ...found.aside]
}

/** Refuses an edge that came back out of the trash, where others were made beside it that leave no room for it. */
export const checkReturned = (graph: Graph, type: EdgeType, edge: EdgeRecord, limits: QueryLimits): void => {
  const problem = propsProblem(type, JSON.stringify(edge.props), Number.POSITIVE_INFINITY)
  if (problem !== undefined)
    violated(`an edge of ${type.ref} does not fit it any more: ${problem}`, { constraint: "props" })
  if (type.contract.noSelf && edge.source === edge.target) selfish(type)
  if (type.contract.unique && countBetween(graph, type, edge) > 1) doubled(type)
  for (const [end, key] of [
    [0, edge.source],
    [1, edge.target]
  ] as const) {
    const node = nodeByKey(graph, key)
    if (node !== undefined) checkEnd(graph, type, end, node)
  }
  for (const [end, node] of [
    [0, edge.source],
    [1, edge.target]
  ] as const) {
    const { max } = cardinalityOf(type.contract.ends[end].cardinality)
    if (max !== Number.POSITIVE_INFINITY && degree(graph, type, node, end, max + 1) > max) tooMany(type, end)
  }
  if (type.contract.acyclic && leadsTo(graph, type.key, [edge.target, edge.source], limits).leads) cycle(type)
}

/** Refuses that an edge is gone which one of its nodes has to have, if that is still there. */
export const checkEnough = (
  graph: Graph,
  type: EdgeType,
  edge: { readonly source: number; readonly target: number }
): void => {
  for (const [end, node] of [
    [0, edge.source],
    [1, edge.target]
  ] as const) {
    const { as, cardinality } = type.contract.ends[end]
    const { min } = cardinalityOf(cardinality)
    if (min > 0 && isKeyInTree(graph, node) && degree(graph, type, node, end, min) < min) {
      violated(`a node is the ${as} of at least ${min} of ${type.ref}`, { constraint: "cardinality", end: as, min })
    }
  }
}
