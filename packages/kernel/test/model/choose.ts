import type { Json } from "@portico/schema"
import { classFacts, M } from "./domain.ts"
import { inTree, type MNode, pathOf, type World } from "./World.ts"

/** What a step may name. */
export interface Names {
  readonly world: World
  /** Ids of all nodes of this sequence that ever were, in the order in which they were made. */
  readonly known: ReadonlyArray<string>
  /** Begins everything that has to be different from what other sequences have. */
  readonly prefix: string
  /** Revs and commits that were seen. */
  readonly seqs: ReadonlyArray<number>
}

export const at = <A>(of: ReadonlyArray<A>, index: number): A => {
  if (of.length === 0) throw new Error("nothing to choose from")
  // Boundary: the index is in the list.
  return of[index % of.length] as A
}

export const slugs = ["a", "b", "c", "o", "ο", "x"] as const
export const codes = ["p", "q", "p", "r", "q"] as const
export const ranks = [1, 2, 2.5, -1] as const
export const masks = [15, 1, 3, 5, 15, 7, 3, 8, 3, 9, 2, 11, 13, 7, 3, 6, 4, 10, 12, 14, 3] as const

/** The address of a known node: its path or its id, and of one that is gone its last path or id. */
export const address = (names: Names, pick: number, form: number): string =>
  addressOf(names, at(names.known, pick), form)

const addressOf = ({ world }: Names, id: string, form: number): string => {
  const node = world.nodes.get(id)
  if (node === undefined) return `@${id}`
  const path = node.trash?.path ?? (inTree(world, node) ? pathOf(world, node) : undefined)
  if (form === 31) return `${path ?? ""}/zz`
  if (form === 30) return "@00000000-0000-7000-8000-000000000000"
  return path === undefined || form % 2 === 0 ? `@${id}` : path
}

/** An identity: one of the sequence, or one of the groups that nobody has to join. */
export const identity = (names: Names, pick: number, form: number): string => {
  if (pick === 30) return "/identities/everyone"
  if (pick === 31) return "/identities/authenticated"
  return pick < 24 ? address(names, firstIdentity + (pick % identities), form) : address(names, pick, form)
}

/** Where the identities of a sequence are among its first nodes. */
const [firstIdentity, identities] = [6, 6]

/** The address of a node that fits, most of the time. */
export const fitting = (names: Names, fits: (node: MNode) => boolean, pick: number, form: number): string => {
  const some = names.known.filter((id) => {
    const node = names.world.nodes.get(id)
    return node !== undefined && inTree(names.world, node) && fits(node)
  })
  return some.length === 0 || form === 29 ? address(names, pick, form) : addressOf(names, at(some, pick), form)
}

export const isContainer = ({ class: ref }: MNode): boolean => classFacts.get(ref)?.container === true
export const isBox = ({ class: ref }: MNode): boolean => ref === M.Box.ref
export const isCard = ({ class: ref }: MNode): boolean => ref === M.Card.ref

/** A member of an object, where there is a value for it. */
export const given = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  // Boundary: a computed key is a string to the compiler.
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V }

/** A code that something in the trash had, so that who takes it now is in its way when it comes back. */
const lostCode = ({ known, world }: Names): Json | undefined => {
  const lost = known.flatMap((id) => {
    const node = world.nodes.get(id)
    return node !== undefined && !inTree(world, node) ? (node.props[M.Box.code.key] ?? []) : []
  })
  return lost[0]
}

export const boxProps = (names: Names, c: number, d: number): Readonly<Record<string, Json>> => ({
  ...(c % 3 !== 1 ? { code: (d % 2 === 0 ? lostCode(names) : undefined) ?? names.prefix + at(codes, d) } : undefined),
  ...(c % 2 === 0 ? { rank: at(ranks, c + d) } : undefined),
  ...(c % 7 === 0 ? { name: at(codes, c) } : undefined)
})
