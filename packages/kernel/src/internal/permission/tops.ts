import { Mask } from "@portico/schema"
import { hasPerm } from "../schema/wellKnown.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, rootOf } from "../store/nodes.ts"
import { isInTree, placeByKey } from "../store/places.ts"
import { DamagedTree, maxClimb } from "./arithmetic.ts"
import { grantedNodes } from "./grants.ts"
import type { Standing } from "./Standing.ts"

/** Keys of the nodes where a standing's mask may be another than their parent's: those with a grant, and tops of bounds. */
const turns = (graph: Graph, standing: Standing): ReadonlySet<number> => {
  const key = graph.schema.type(graph, hasPerm)?.key ?? 0
  const found = new Set<number>()
  for (const { areas, subject } of standing.halves) {
    for (const identity of subject.closure) for (const node of grantedNodes(graph, identity, key)) found.add(node)
    for (const { nodes } of areas) if (nodes !== "all") for (const node of nodes) found.add(node)
  }
  return found
}

/**
 * The highest nodes on which every one of some standings has the bits that are asked of it, and any bit at all. Permissions only grow on
 * the way down, so what all of them hold is these nodes and everything below them, and nothing else. Lists begin here
 * and so have nothing to leave out.
 */
export const topsOf = (
  graph: Graph,
  asked: ReadonlyArray<readonly [standing: Standing, perms: number]>
): ReadonlyArray<NodeRecord> => {
  const holds = (node: NodeRecord) =>
    asked.every(([standing, perms]) => {
      const mask = standing.mask(node)
      return mask !== 0 && Mask.has(mask, perms)
    })
  const root = rootOf(graph)
  if (holds(root)) return [root]
  const found = new Map<number, NodeRecord>()
  for (const [standing] of asked) {
    for (const key of turns(graph, standing)) {
      const node = nodeByKey(graph, key)
      if (node !== undefined && isInTree(graph, node) && holds(node)) found.set(key, node)
    }
  }
  return [...found.values()].filter((node) => !isBelowOneOf(graph, found, node))
}

const isBelowOneOf = (graph: Graph, tops: ReadonlyMap<number, NodeRecord>, node: NodeRecord): boolean => {
  let climbed = 0
  for (let at = placeByKey(graph, node.parent); at !== undefined; at = placeByKey(graph, at.parent)) {
    if (++climbed > maxClimb) throw new DamagedTree(node.key)
    if (tops.has(at.key)) return true
  }
  return false
}
