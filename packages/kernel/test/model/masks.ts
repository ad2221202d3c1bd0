import type { Caller, MBound, MHalf } from "./callers.ts"
import { chain, inTree, isThere, type MNode, type World } from "./World.ts"

type Halves = Caller["halves"]

/** Somebody with all that an identity has, or with what everybody has. */
export const halvesOf = (identity: string | undefined): Halves => [
  { kind: "caller", identities: identity === undefined ? [] : [identity], bounds: [] }
]

/** "itself and all its groups and roles (nested, cycles harmless)": grow the list until nothing is new. */
const withGroups = (world: World, identities: ReadonlySet<string>): ReadonlySet<string> => {
  const groups = world.members
    .filter(({ group, member }) => identities.has(member) && isThere(world, group))
    .map(({ group }) => group)
  const grown = new Set([...identities, ...groups])
  return grown.size === identities.size ? grown : withGroups(world, grown)
}

/** Everyone is every caller; authenticated is whoever showed a credential of an identity that there is. */
const actingIn = (world: World, { identities }: MHalf): ReadonlySet<string> => {
  const own = identities.filter((id) => isThere(world, id))
  return new Set([...own, ...(own.length > 0 ? [world.authenticated] : []), world.everyone])
}

/** What is asked over and over of the same world, which is replaced where it changes. */
const asked = new WeakMap<World["nodes"], WeakMap<World["members"], Map<MHalf, ReadonlySet<string>>>>()

const identitiesOf = (world: World, half: MHalf): ReadonlySet<string> => {
  const ofNodes = asked.get(world.nodes) ?? new WeakMap<World["members"], Map<MHalf, ReadonlySet<string>>>()
  asked.set(world.nodes, ofNodes)
  const known = ofNodes.get(world.members) ?? new Map<MHalf, ReadonlySet<string>>()
  ofNodes.set(world.members, known)
  const identities = known.get(half) ?? withGroups(world, actingIn(world, half))
  known.set(half, identities)
  return identities
}

/** The OR over identities × the nodes of a chain. */
export const granted = (world: World, half: MHalf, above: ReadonlyArray<MNode>): number => {
  const identities = identitiesOf(world, half)
  return world.grants
    .filter(({ identity, node }) => identities.has(identity) && above.some(({ id }) => id === node))
    .reduce((all, { mask }) => all | mask, 0)
}

/** A bound takes away what it does not name, and everything outside of its nodes. */
const bounded = (world: World, mask: number, bounds: ReadonlyArray<MBound>, above: ReadonlyArray<MNode>): number =>
  bounds.reduce((left, { nodes, perms }) => {
    const covers = nodes === "all" || above.some(({ id }) => nodes.includes(id) && isThere(world, id))
    return covers ? left & perms : 0
  }, mask)

export const halfMask = (world: World, half: MHalf, above: ReadonlyArray<MNode>): number =>
  bounded(world, granted(world, half, above), half.bounds, above)

/** The bits that somebody has on what is, or would be, below a chain of nodes. */
export const maskAlong = (world: World, halves: Halves, above: ReadonlyArray<MNode>): number =>
  halves === "everything" ? 15 : halves.reduce((all, half) => all | halfMask(world, half, above), 0)

export const maskOf = (world: World, halves: Halves, node: MNode): number =>
  inTree(world, node) ? maskAlong(world, halves, chain(world, node)) : 0

const within = (halves: Halves, change: (bounds: ReadonlyArray<MBound>) => ReadonlyArray<MBound>): Halves =>
  halves === "everything" ? halves : halves.map((half) => ({ ...half, bounds: change(half.bounds) }))

/** What the identities behind a caller hold, whatever it was narrowed to. */
export const unbound = (halves: Halves): Halves => within(halves, () => [])

/** On a class only the bits of a bound count, and not its area. */
export const classMask = (world: World, halves: Halves, node: MNode): number =>
  maskOf(
    world,
    within(halves, (bounds) => bounds.map(({ perms }) => ({ nodes: "all", perms }))),
    node
  )

const names = ["READ", "EDIT", "USE", "SHARE"] as const

export const bitNames = (mask: number): ReadonlyArray<string> => names.filter((_, bit) => (mask & (1 << bit)) !== 0)
