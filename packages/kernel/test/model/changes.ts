import { type Json, K } from "@portico/schema"
import {
  address,
  at,
  boxProps,
  codes,
  fitting,
  given,
  isBox,
  isCard,
  isContainer,
  type Names,
  ranks,
  slugs
} from "./choose.ts"
import { M } from "./domain.ts"
import type { Change, OnConflict, Request } from "./requests.ts"
import { isThere } from "./World.ts"

const creations = [
  (names: Names, c: number, d: number) => ({ class: M.Box.ref, props: boxProps(names, c, d) }),
  (_: Names, c: number, d: number) => ({ class: M.Task.ref, props: { title: at(codes, c), rank: at(ranks, d) } }),
  (names: Names, c: number, d: number) => ({
    class: M.Card.ref,
    links: d % 5 === 0 ? [] : [{ edgeClass: M.pinned.ref, target: fitting(names, isBox, c, 0) }]
  }),
  (names: Names, c: number, d: number) => ({
    class: M.Box.ref,
    props: boxProps(names, d, c),
    links: [{ edgeClass: at(edgeClasses, c), target: fitting(names, isBox, d, 0) }]
  }),
  () => ({ class: K.Folder.ref }),
  () => ({ class: K.User.ref }),
  () => ({ class: K.Group.ref }),
  () => ({ class: M.Rare.ref }),
  () => ({ class: M.Hush.ref }),
  () => ({ class: "model.example.dev:class.Nothing" }),
  () => ({ class: M.Task.ref, props: { rank: "high" } }),
  () => ({ class: M.Box.ref, props: { colour: "red" } })
] as const
/** Boxes most of the time. */
const creating = [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11] as const

export const edgeClasses = [
  M.likes.ref,
  M.before.ref,
  M.knows.ref,
  M.before.ref,
  M.pinned.ref,
  M.knows.ref,
  M.before.ref
] as const
const anyEdgeClass = [...edgeClasses, ...edgeClasses, M.rarely.ref, K.member_of.ref, K.has_perm.ref, M.Box.ref] as const
const conflicts: ReadonlyArray<OnConflict | undefined> = [undefined, "merge", "skip", undefined]

const rev = ({ known, seqs, world }: Names, pick: number, of: number): number | undefined => {
  if (pick % 4 !== 0) return undefined
  return pick % 8 === 0 ? world.nodes.get(at(known, of))?.rev : at(seqs, pick)
}

const patch = (names: Names, a: number, c: number, d: number): Readonly<Record<string, Json>> => {
  const ref = names.world.nodes.get(at(names.known, a))?.class
  if (ref === M.Task.ref)
    return c % 5 === 0 ? { title: null } : { title: at(codes, c), rank: d % 3 === 0 ? null : at(ranks, d) }
  if (ref === M.Card.ref) return { rank: at(ranks, d) }
  if (ref !== M.Box.ref) return c % 9 === 0 ? { rank: 1 } : { name: at(codes, d) }
  if (c % 6 === 0) return { code: null }
  return boxProps(names, c, d)
}

export const changes = {
  createNode: (names: Names, a: number, b: number, c: number, d: number): Change => {
    const made = at(creations, at(creating, b))(names, c, d)
    const parent = fitting(names, isContainer, a, d)
    const conflict = given("onConflict", at(conflicts, d))
    if (c === 31) return { op: "createNode", ...made, parent, ...conflict }
    return parent.startsWith("/")
      ? { op: "createNode", ...made, path: `${parent === "/" ? "" : parent}/${at(slugs, c)}`, ...conflict }
      : { op: "createNode", ...made, parent, slug: at(slugs, c), ...conflict }
  },
  update: (names: Names, a: number, b: number, c: number, d: number): Change => ({
    op: "update",
    node: address(names, a, b),
    props: patch(names, a, c, d),
    ...given("unset", c % 11 === 10 ? ["rank"] : undefined),
    ...given("ifRev", rev(names, b, a))
  }),
  delete: (names: Names, a: number, b: number, c: number): Change => ({
    op: "delete",
    node: address(names, a % names.known.length === 0 ? 1 : a, b),
    ...given("recursive", c % 3 === 0 ? undefined : true),
    ...given("ifRev", rev(names, c, a))
  }),
  move: (names: Names, a: number, b: number, c: number, d: number): Change => ({
    op: "move",
    node: address(names, a, c),
    to: fitting(names, isContainer, b, d),
    ...given("slug", c % 3 === 0 ? at(slugs, d) : undefined),
    ...given("ifRev", rev(names, d, a))
  }),
  link: (names: Names, a: number, b: number, c: number, d: number): Change => {
    const beside = d % 2 === 1 ? besideLost(names, a, b) : undefined
    if (beside !== undefined) return beside
    const edgeClass = at(anyEdgeClass, c)
    return {
      op: "link",
      node: fitting(names, edgeClass === M.pinned.ref ? isCard : isBox, a, d),
      edgeClass,
      target: fitting(names, isBox, b, c),
      ...given("slug", edgeClass === M.likes.ref && d % 2 === 0 ? at(slugs, d) : undefined),
      ...given("props", edgeClass === M.likes.ref ? { weight: at(ranks, d) } : undefined),
      ...given("onConflict", at(conflicts, d))
    }
  },
  unlink: (names: Names, a: number, b: number, c: number, d: number): Change => ({
    op: "unlink",
    ...anEdge(names, a, b, c, d)
  }),
  updateLink: (names: Names, a: number, b: number, c: number, d: number): Change => ({
    op: "updateLink",
    ...anEdge(names, a, b, c, d),
    props: { weight: d % 5 === 0 ? null : at(ranks, d) }
  })
}

/** An edge that is beside one of which an end is in the trash, so that it is in its way when that comes back. */
const besideLost = (names: Names, a: number, b: number): Change | undefined => {
  const { world } = names
  const isHere = (id: string) => isThere(world, id)
  const edge = world.edges.find(({ source, target }) => isHere(source) !== isHere(target))
  if (edge === undefined) return undefined
  const [node, target] = isHere(edge.source)
    ? [`@${edge.source}`, fitting(names, isBox, b, 0)]
    : [fitting(names, isBox, a, 0), `@${edge.target}`]
  return { op: "link", node, edgeClass: edge.class, target }
}

/** An edge that there is, most of the time. */
export const anEdge = (names: Names, a: number, b: number, c: number, d: number) => {
  const { edges } = names.world
  const edge = edges[a % Math.max(1, edges.length)]
  if (edge === undefined || d === 31) {
    return { node: address(names, a, d), edgeClass: at(edgeClasses, c), target: address(names, b, c) }
  }
  return {
    node: `@${edge.source}`,
    edgeClass: edge.class,
    target: `@${edge.target}`,
    ...given("slug", edge.slug === "" ? undefined : edge.slug),
    ...given("ifRev", d % 7 === 0 ? edge.rev : d % 11 === 0 ? at(names.seqs, d) : undefined)
  }
}

export const batch = (names: Names, a: number, b: number, c: number, d: number): Request => {
  const kinds = [
    changes.update,
    changes.move,
    changes.link,
    changes.delete,
    changes.unlink,
    changes.createNode
  ] as const
  const made = {
    op: "createNode",
    class: M.Box.ref,
    parent: address(names, a, b),
    props: boxProps(names, c, d)
  } as const
  const later: ReadonlyArray<Change> = [
    { op: "createNode", class: M.Card.ref, path: "$0.path/a", links: [{ edgeClass: M.pinned.ref, target: "$0" }] },
    { op: "move", node: "$0", to: address(names, b, c) },
    { op: "link", node: "$0", edgeClass: at(edgeClasses, c), target: address(names, d, 0) },
    { op: "update", node: "$0", props: { rank: 7 } }
  ]
  const other = at(kinds, d)(names, b, a, d, c)
  if (c % 3 === 0) return { op: "mutate", ops: [at(kinds, c)(names, a, b, d, c), other] }
  return { op: "mutate", ops: [made, at(later, d), other] }
}
