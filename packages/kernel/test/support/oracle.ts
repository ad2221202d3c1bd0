/**
 * Permissions by the letter of the specification, in the most naive way: no order, no early end, no reuse.
 * Nodes and identities are numbers; an identity is a node.
 */
export interface World {
  /** Parent by node; `undefined` for Root. */
  readonly parents: ReadonlyMap<number, number | undefined>
  readonly memberships: ReadonlyArray<readonly [member: number, group: number]>
  readonly grants: ReadonlyArray<readonly [identity: number, node: number, mask: number]>
}

const ancestorsOrSelf = (world: World, node: number): ReadonlyArray<number> => {
  const parent = world.parents.get(node)
  return parent === undefined ? [node] : [node, ...ancestorsOrSelf(world, parent)]
}

/** "itself and all its groups and roles (nested, cycles harmless)": grow the list until nothing is new. */
const withGroups = (world: World, identities: ReadonlyArray<number>): ReadonlyArray<number> => {
  const grown = [
    ...new Set([...identities, ...world.memberships.flatMap(([m, g]) => (identities.includes(m) ? [g] : []))])
  ]
  return grown.length === identities.length ? identities : withGroups(world, grown)
}

export const oracleMask = (world: World, identities: ReadonlyArray<number>, node: number): number => {
  let mask = 0
  for (const identity of withGroups(world, [...new Set(identities)])) {
    for (const above of ancestorsOrSelf(world, node)) {
      for (const [holder, on, bits] of world.grants) if (holder === identity && on === above) mask |= bits
    }
  }
  return mask
}

/** A bound takes away what it does not name, and everything outside of its nodes. */
export const oracleBounded = (
  world: World,
  mask: number,
  bounds: ReadonlyArray<{ readonly tops: ReadonlyArray<number> | "all"; readonly perms: number }>,
  node: number
): number =>
  bounds.reduce((left, { tops, perms }) => {
    const covers = tops === "all" || ancestorsOrSelf(world, node).some((above) => tops.includes(above))
    return covers ? left & perms : 0
  }, mask)
