import type { Json } from "@portico/schema"

export type Props = Readonly<Record<string, Json>>

/** A node as the model has it. It is replaced when it changes, and never changed. */
export interface MNode {
  readonly id: string
  /** `null` for Root, and for what lies in the trash. */
  readonly parent: string | null
  readonly slug: string
  readonly class: string
  readonly props: Props
  readonly rev: number
  readonly createdAt: number
  readonly updatedAt: number
  /** Of the top of what was deleted: where it was. */
  readonly trash?: Trashed
}

export interface Trashed {
  readonly parent: string
  readonly slug: string
  readonly path: string
  readonly seq: number
  readonly at: number
  readonly actor: string | null
}

export interface MEdge {
  readonly class: string
  readonly source: string
  readonly target: string
  readonly slug: string
  readonly props: Props
  readonly rev: number
}

export interface MGrant {
  readonly identity: string
  readonly node: string
  readonly mask: number
}

export interface Membership {
  readonly member: string
  readonly group: string
}

/** Where a node is or was: the ids from Root down to itself, and the path. */
export interface Spot {
  readonly chain: ReadonlyArray<string>
  readonly path: string
}

/** One change, as it is written down. */
export interface MChange {
  readonly seq: number
  readonly op: string
  readonly at: number
  readonly actor: string | null
  /** Of an edge: its source. */
  readonly node: string
  readonly spot?: Spot
  readonly from?: Spot
  readonly edge?: Pick<MEdge, "class" | "source" | "target" | "slug">
  readonly targetSpot?: Spot
  /** Values before and after, where there is something to be said of them. */
  readonly before?: Props
  readonly after?: Props
}

/** Everything there is, as lists and one Map. Copying it is cheap enough, so nothing is ever taken back. */
export interface World {
  readonly root: string
  readonly everyone: string
  readonly authenticated: string
  nodes: ReadonlyMap<string, MNode>
  edges: ReadonlyArray<MEdge>
  grants: ReadonlyArray<MGrant>
  members: ReadonlyArray<Membership>
  /** What was changed, in order. */
  log: ReadonlyArray<MChange>
}

export const copy = (world: World): World => ({ ...world })

export const put = (world: World, node: MNode): MNode => {
  world.nodes = new Map(world.nodes).set(node.id, node)
  return node
}

/** A node and what is above it, itself first. Ends in the trash where the node is there. */
export const chain = (world: World, node: MNode): ReadonlyArray<MNode> => {
  const parent = node.parent === null ? undefined : world.nodes.get(node.parent)
  return parent === undefined ? [node] : [node, ...chain(world, parent)]
}

export const inTree = (world: World, node: MNode): boolean => chain(world, node).at(-1)?.id === world.root

export const isThere = (world: World, id: string): boolean => {
  const node = world.nodes.get(id)
  return node !== undefined && inTree(world, node)
}

/** {@link chain} as if what lies in the trash were still where it was. */
export const chainAsIf = (world: World, node: MNode): ReadonlyArray<MNode> => {
  const above = chain(world, node)
  const top = above.at(-1)
  const parent = top?.trash === undefined ? undefined : world.nodes.get(top.trash.parent)
  return parent === undefined ? above : [...above, ...chainAsIf(world, parent)]
}

export const pathOf = (world: World, node: MNode): string => {
  const slugs = chain(world, node)
    .slice(0, -1)
    .map(({ slug }) => slug)
  return `/${slugs.reverse().join("/")}`
}

export const spotOf = (world: World, node: MNode): Spot => ({
  chain: chain(world, node)
    .map(({ id }) => id)
    .reverse(),
  path: pathOf(world, node)
})

export const childrenOf = (world: World, id: string): ReadonlyArray<MNode> =>
  [...world.nodes.values()].filter(({ parent }) => parent === id)

/** A node and everything below it. */
export const subtree = (world: World, node: MNode): ReadonlyArray<MNode> => [
  node,
  ...childrenOf(world, node.id).flatMap((child) => subtree(world, child))
]

export const isUnder = (world: World, node: MNode, top: string): boolean =>
  chain(world, node).some(({ id }) => id === top)

/** A refusal: what of it is compared. */
export class Refused {
  readonly code: string
  readonly message: string | undefined
  readonly details: Readonly<Record<string, unknown>> | undefined
  constructor(code: string, message?: string, details?: Readonly<Record<string, unknown>>) {
    this.code = code
    this.message = message
    this.details = details
  }
}

export const refuse = (code: string, message?: string, details?: Readonly<Record<string, unknown>>): never => {
  throw new Refused(code, message, details)
}

export const violated = (constraint: string): never => refuse("CONSTRAINT_VIOLATED", undefined, { constraint })
