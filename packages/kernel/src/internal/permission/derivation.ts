import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { isKeyInTree } from "../store/places.ts"
import { DamagedTree, isUnder, maxClimb, within } from "./arithmetic.ts"
import { groupsOf, holdersOn } from "./grants.ts"
import type { StandingHalf } from "./Standing.ts"

/** A grant that gives an identity a part of its mask. */
export interface DerivedGrant {
  readonly mask: number
  /** The node that it is on: the one that was asked about, or an ancestor. */
  readonly node: NodeRecord
  /** Keys on the way from an identity that acts to the one that holds the grant: itself, or through groups. */
  readonly chain: ReadonlyArray<number>
}

/** How one half of an authority comes to its mask on a node. */
export interface Derivation {
  readonly kind: StandingHalf["kind"]
  /** The OR of the grants. */
  readonly granted: number
  /** Nearest first. */
  readonly grants: ReadonlyArray<DerivedGrant>
  /** Each takes away what it does not name, and everything outside of its area. */
  readonly bounds: ReadonlyArray<{ readonly perms: number; readonly covers: boolean }>
  /** What is left. */
  readonly mask: number
}

/** By key of each identity that counts, the one it was reached from; `undefined` for those that act themselves. */
type Reached = ReadonlyMap<number, number | undefined>

const reachedFrom = (graph: Graph, acting: ReadonlyArray<number>, memberOfKey: number): Reached => {
  const reached = new Map<number, number | undefined>(acting.map((key) => [key, undefined]))
  for (const [key] of reached) {
    for (const group of groupsOf(graph, key, memberOfKey)) {
      if (!reached.has(group) && isKeyInTree(graph, group)) reached.set(group, key)
    }
  }
  return reached
}

const chainTo = (reached: Reached, holder: number): ReadonlyArray<number> => {
  const chain = [holder]
  for (let at = reached.get(holder); at !== undefined; at = reached.get(at)) chain.unshift(at)
  return chain
}

/** Follows the sentences of the specification, not the caches: what it comes to has to be what `maskOn` says. */
export const derive = (graph: Graph, half: StandingHalf, node: NodeRecord, memberOfKey: number): Derivation => {
  const reached = reachedFrom(graph, half.acting, memberOfKey)
  const identities = new Set(reached.keys())
  const grants: Array<DerivedGrant> = []
  let granted = 0
  let climbed = 0
  for (let at: NodeRecord | undefined = node; at !== undefined; at = nodeByKey(graph, at.parent)) {
    if (++climbed > maxClimb) throw new DamagedTree(node.key)
    for (const [holder, mask] of at.granted ? holdersOn(graph, at.key, identities) : []) {
      granted |= mask
      grants.push({ mask, node: at, chain: chainTo(reached, holder) })
    }
  }
  const parentOf = (key: number): number | undefined => {
    const parent = nodeByKey(graph, key)?.parent
    return parent === 0 ? undefined : parent
  }
  const bounds = half.areas.map(({ nodes, perms }) => ({
    perms,
    covers: nodes === "all" || isUnder(parentOf, nodes, node.key)
  }))
  return { kind: half.kind, granted, grants, bounds, mask: within(parentOf, half.areas, node.key, granted) }
}
