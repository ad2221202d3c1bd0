import { PorticoError } from "@portico/schema"
import type { EdgeType } from "../schema/types.ts"
import { anyEdge, countEdges } from "../store/edges.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
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

/** How many edges of a class a node has at one end; a symmetric edge has both its nodes at both ends. */
export const degree = (graph: Graph, type: EdgeType, node: number, end: 0 | 1, most: number): number => {
  if (!type.contract.symmetric) return countEdges(graph, type.key, node, end === 0 ? "out" : "in", most)
  return countEdges(graph, type.key, node, "out", most) + countEdges(graph, type.key, node, "in", most)
}

const checkEnd = (graph: Graph, type: EdgeType, end: 0 | 1, node: NodeRecord): void => {
  const { as, types } = type.contract.ends[end]
  if (!fitsAny(graph, node, types)) {
    violated(`the ${as} of ${type.ref} has to be one of ${types.join(", ")}`, { constraint: "ends", end: as })
  }
}

const checkMost = (graph: Graph, type: EdgeType, end: 0 | 1, node: NodeRecord): void => {
  const { as, cardinality } = type.contract.ends[end]
  const { max } = cardinalityOf(cardinality)
  if (max !== Number.POSITIVE_INFINITY && degree(graph, type, node.key, end, max) >= max) {
    violated(`a ${as} has at most ${max} edges of ${type.ref}`, { constraint: "cardinality", end: as, max })
  }
}

/** Nodes visited before a check for cycles gives up. */
const cycleBudget = 100_000

/** Whether following edges of a class from `from` leads to `to`. */
const leadsTo = (graph: Graph, classKey: number, from: number, to: number): boolean => {
  const targets = graph.conn.prepare("SELECT target FROM edges WHERE source = ? AND class = ?")
  const seen = new Set([from])
  for (const node of seen) {
    if (node === to) return true
    if (seen.size > cycleBudget) {
      throw PorticoError.make("LIMIT_EXCEEDED", `a check for cycles visits at most ${cycleBudget} nodes`, {
        limit: "visited",
        max: cycleBudget
      })
    }
    for (const row of targets.all(node, classKey)) seen.add(Number(row.target))
  }
  return false
}

/** Refuses a new edge that the class's constraints do not allow. */
export const checkNewEdge = (graph: Graph, type: EdgeType, source: NodeRecord, target: NodeRecord): void => {
  const { contract } = type
  checkEnd(graph, type, 0, source)
  checkEnd(graph, type, 1, target)
  if (contract.noSelf && source.key === target.key) {
    violated(`${type.ref} does not go from a node to itself`, { constraint: "noSelf" })
  }
  const doubled =
    anyEdge(graph, type.key, source.key, target.key) ||
    (contract.symmetric && anyEdge(graph, type.key, target.key, source.key))
  if (contract.unique && doubled) {
    violated(`${type.ref} is there at most once between two nodes`, { constraint: "unique" })
  }
  checkMost(graph, type, 0, source)
  checkMost(graph, type, 1, target)
  if (contract.acyclic && leadsTo(graph, type.key, target.key, source.key)) {
    throw PorticoError.make("CYCLE", `this edge of ${type.ref} would close a cycle`, { constraint: "acyclic" })
  }
}

/** Refuses to remove an edge that one of its nodes has to have. */
export const checkRemoval = (graph: Graph, type: EdgeType, source: number, target: number): void => {
  for (const [end, node] of [
    [0, source],
    [1, target]
  ] as const) {
    const { as, cardinality } = type.contract.ends[end]
    const { min } = cardinalityOf(cardinality)
    if (min > 0 && degree(graph, type, node, end, min + 1) <= min) {
      violated(`a ${as} has at least ${min} edges of ${type.ref}`, { constraint: "cardinality", end: as, min })
    }
  }
}
