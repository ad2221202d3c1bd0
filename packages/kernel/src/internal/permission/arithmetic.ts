/**
 * Permission arithmetic over any graph: no store, no cache, no Effect. What the kernel caches is the results of these
 * functions, and the tests hold them against an oracle that follows the sentences of the specification one by one.
 */

/** The facts that masks are computed from. */
export interface PermissionFacts<N> {
  /** `undefined` for Root, and for a node that does not exist. */
  readonly parentOf: (node: N) => N | undefined
  /** Groups and roles that `identity` is itself a member of. */
  readonly groupsOf: (identity: N) => Iterable<N>
  /** The OR of the masks that any of `identities` was granted on `node` itself. */
  readonly grantedOn: (node: N, identities: ReadonlySet<N>) => number
}

/** An area and the bits that survive in it. */
export interface Area<N> {
  /** The nodes at the top of the area, or `"all"`. */
  readonly nodes: ReadonlySet<N> | "all"
  readonly perms: number
}

/** Deeper than any path may be: whoever climbs this far goes round in a damaged tree. */
export const maxClimb = 1024

/** A tree that has no top. */
export class DamagedTree extends Error {
  constructor(node: unknown) {
    super(`the ancestors of node ${String(node)} form a cycle`)
  }
}

/** `identities` and every group that one of them is in, directly or through groups. Cycles do no harm. */
export const closureOf = <N>(facts: PermissionFacts<N>, identities: Iterable<N>): ReadonlySet<N> => {
  const closure = new Set<N>(identities)
  // A Set hands out what is added to it while it is walked, each member once.
  for (const identity of closure) for (const group of facts.groupsOf(identity)) closure.add(group)
  return closure
}

/** The mask of an identity set on a node: the OR of what was granted on it and on all its ancestors. */
export const maskOf = <N>(facts: PermissionFacts<N>, closure: ReadonlySet<N>, node: N): number => {
  let mask = 0
  let climbed = 0
  for (let at: N | undefined = node; at !== undefined; at = facts.parentOf(at)) {
    if (++climbed > maxClimb) throw new DamagedTree(node)
    mask |= facts.grantedOn(at, closure)
    if (mask === 15) return mask
  }
  return mask
}

/** Whether `node` is one of `tops` or lies below one. */
export const isUnder = <N>(parentOf: (node: N) => N | undefined, tops: ReadonlySet<N>, node: N): boolean => {
  let climbed = 0
  for (let at: N | undefined = node; at !== undefined; at = parentOf(at)) {
    if (++climbed > maxClimb) throw new DamagedTree(node)
    if (tops.has(at)) return true
  }
  return false
}

/** What areas leave of `mask` on `node`: each one takes away what it does not name, and everything outside itself. */
export const within = <N>(
  parentOf: (node: N) => N | undefined,
  areas: ReadonlyArray<Area<N>>,
  node: N,
  mask: number
): number => {
  let left = mask
  for (const area of areas) {
    if (left === 0) return 0
    left &= area.nodes === "all" || isUnder(parentOf, area.nodes, node) ? area.perms : 0
  }
  return left
}
