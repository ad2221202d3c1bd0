import type { Authority, Bound, Half } from "../../src/index.ts"
import { chain, inTree, isThere, type MNode, type World } from "./World.ts"

/** "itself and all its groups and roles (nested, cycles harmless)": grow the list until nothing is new. */
const withGroups = (world: World, identities: ReadonlySet<string>): ReadonlySet<string> => {
  const groups = world.members
    .filter(({ group, member }) => identities.has(member) && isThere(world, group))
    .map(({ group }) => group)
  const grown = new Set([...identities, ...groups])
  return grown.size === identities.size ? grown : withGroups(world, grown)
}

/** Everyone is every caller; authenticated is whoever showed a credential of an identity that there is. */
const actingIn = (world: World, { also, identity }: Half): ReadonlySet<string> => {
  const own = (identity === null ? [] : [identity, ...also]).filter((id) => isThere(world, id))
  return new Set([...own, ...(own.length > 0 ? [world.authenticated] : []), world.everyone])
}

export const identitiesOf = (world: World, half: Half): ReadonlySet<string> => withGroups(world, actingIn(world, half))

/** The OR over identities × the nodes of a chain. */
export const granted = (world: World, identities: ReadonlySet<string>, above: ReadonlyArray<MNode>): number =>
  world.grants
    .filter(({ identity, node }) => identities.has(identity) && above.some(({ id }) => id === node))
    .reduce((all, { mask }) => all | mask, 0)

/** A bound takes away what it does not name, and everything outside of its nodes. */
const bounded = (world: World, mask: number, bounds: ReadonlyArray<Bound>, above: ReadonlyArray<MNode>): number =>
  bounds.reduce((left, { nodes, perms }) => {
    const covers = nodes === "all" || above.some(({ id }) => nodes.includes(id) && isThere(world, id))
    return covers ? left & perms : 0
  }, mask)

export const halfMask = (world: World, half: Half, above: ReadonlyArray<MNode>): number =>
  bounded(world, granted(world, identitiesOf(world, half), above), half.bounds, above)

/** The bits that an authority has on what is, or would be, below a chain of nodes. */
export const maskAlong = (world: World, authority: Authority, above: ReadonlyArray<MNode>): number =>
  authority.system === true ? 15 : authority.halves.reduce((all, half) => all | halfMask(world, half, above), 0)

export const maskOf = (world: World, authority: Authority, node: MNode): number =>
  inTree(world, node) ? maskAlong(world, authority, chain(world, node)) : 0

const unbounded = (authority: Authority): Authority => ({
  ...authority,
  halves: authority.halves.map((half) => ({ ...half, bounds: [] }))
})

/** What the identities behind an authority hold, whatever it was narrowed to. */
export const unboundMask = (world: World, authority: Authority, node: MNode): number =>
  maskOf(world, unbounded(authority), node)

export const unboundAlong = (world: World, authority: Authority, above: ReadonlyArray<MNode>): number =>
  maskAlong(world, unbounded(authority), above)

/** On a class only the bits of a bound count, and not its area. */
export const classMask = (world: World, authority: Authority, node: MNode): number =>
  maskOf(
    world,
    {
      ...authority,
      halves: authority.halves.map((half) => ({
        ...half,
        bounds: half.bounds.map(({ perms }) => ({ nodes: "all", perms }))
      }))
    },
    node
  )

const names = ["READ", "EDIT", "USE", "SHARE"] as const

export const bitNames = (mask: number): ReadonlyArray<string> => names.filter((_, bit) => (mask & (1 << bit)) !== 0)
