import { maxClimb } from "../permission/arithmetic.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, nodesByKey, trashKey } from "../store/nodes.ts"
import { Sieve } from "../store/Sieve.ts"

/** Where a node is, found by climbing. */
export type Place =
  /** `top` is the key of the node below Root that it is in; its own for that one, and Root's for Root. */
  | { readonly kind: "tree"; readonly depth: number; readonly top: number }
  | { readonly kind: "trash"; readonly top: number }
  /** It or something above it is in a cycle, or has no parent. */
  | { readonly kind: "nowhere" }

const nowhere: Place = { kind: "nowhere" }

/** Places of inner nodes that are remembered, so that siblings do not climb the same way again. */
const remembered = 50_000

/** Finds where nodes are, without trusting that the tree is one. */
export class Places {
  readonly #known = new Sieve<number, Place>(remembered)

  of(graph: Graph, node: NodeRecord): Place {
    const chain: Array<NodeRecord> = []
    let at: NodeRecord | undefined = node
    let place: Place | undefined
    while (place === undefined) {
      if (at === undefined || chain.length > maxClimb) place = nowhere
      else {
        place = this.#known.get(at.key) ?? placeAtTop(at)
        if (place === undefined) {
          chain.push(at)
          at = nodeByKey(graph, at.parent)
        }
      }
    }
    for (const each of chain.reverse()) {
      place = below(place, each.key)
      if (each.key !== node.key) this.#known.set(each.key, place)
    }
    return place
  }

  /** {@link of} by key; undefined where there is no such node. */
  ofKey(graph: Graph, key: number): Place | undefined {
    const node = nodeByKey(graph, key)
    return node === undefined ? undefined : this.of(graph, node)
  }

  /** Whether a node can be reached from Root. */
  isInTree(graph: Graph, key: number): boolean {
    return this.ofKey(graph, key)?.kind === "tree"
  }
}

const placeAtTop = ({ key, parent }: NodeRecord): Place | undefined => {
  if (parent === 0) return { kind: "tree", depth: 0, top: key }
  return parent === trashKey ? { kind: "trash", top: key } : undefined
}

const below = (place: Place, key: number): Place =>
  place.kind === "tree" ? { kind: "tree", depth: place.depth + 1, top: place.depth === 0 ? key : place.top } : place

/** Whether climbing from a node leads back to it. */
export const isOnCycle = (graph: Graph, node: NodeRecord): boolean => {
  const seen = new Set<number>()
  for (let at = nodeByKey(graph, node.parent); at !== undefined; at = nodeByKey(graph, at.parent)) {
    if (at.key === node.key) return true
    if (seen.has(at.key)) return false
    seen.add(at.key)
  }
  return false
}

/** Reads nodes together, so that looking each up afterwards asks nobody. */
export const fetchNodes = (graph: Graph, keys: Iterable<number>): void => {
  nodesByKey(graph, [...new Set(keys)])
}
