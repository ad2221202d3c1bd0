import { K } from "@portico/schema"
import { naiveHolds, naiveSort } from "../support/naive.ts"
import { type Asking, classNode, maySeeDeleted, nodeAt, READ } from "./authorize.ts"
import { edgeFacts } from "./domain.ts"
import { edgeBetween, edgeView } from "./links.ts"
import { maskAlong, maskOf } from "./masks.ts"
import { factsOf, viewOf } from "./nodes.ts"
import { shortProps } from "./props.ts"
import type { Direction, Order, RequestOf, Where } from "./requests.ts"
import { childrenOf, type MChange, type MEdge, type MNode, type Props, refuse, type Spot, type World } from "./World.ts"

/** What `where` and `order` see of a node. */
export const seenAs = (node: MNode) => ({
  ...shortProps(factsOf(node).props, node.props),
  slug: node.slug,
  class: node.class,
  rev: node.rev
})

export const canRead = ({ caller, world }: Asking, node: MNode): boolean =>
  (maskOf(world, caller.halves, node) & READ) !== 0

interface Wanted {
  readonly class?: string
  readonly where?: Where
}

/** Which nodes are asked for. With a class its properties alone have names. */
export const wantedBy = (asking: Asking, { class: ref, where }: Wanted): ((node: MNode) => boolean) => {
  if (ref !== undefined) classNode(asking, ref, 0, "class or interface")
  return (node) => (ref === undefined || node.class === ref) && (where === undefined || naiveHolds(where, seenAs(node)))
}

export const inOrder = (nodes: ReadonlyArray<MNode>, order: Order = []): ReadonlyArray<MNode> => {
  const compare = naiveSort(order)
  return [...nodes].sort((a, b) => compare(seenAs(a), seenAs(b)) || (a.slug < b.slug ? -1 : 1))
}

export const get = (asking: Asking, self: MNode, { props }: RequestOf<"get">) => {
  const whole = viewOf(asking.world, self)
  if (props === undefined) return whole
  const facts = factsOf(self).props
  const keys = props.map((name) => facts[name]?.key ?? refuse("INVALID_PARAMS"))
  return { ...whole, props: Object.fromEntries(Object.entries(whole.props).filter(([key]) => keys.includes(key))) }
}

export const listChildren = (asking: Asking, self: MNode, request: RequestOf<"listChildren">) =>
  inOrder(childrenOf(asking.world, self.id).filter(wantedBy(asking, request)), request.order).map((node) =>
    viewOf(asking.world, node)
  )

export const countChildren = (asking: Asking, self: MNode, request: RequestOf<"countChildren">) => ({
  count: childrenOf(asking.world, self.id).filter(wantedBy(asking, request)).length
})

export const getTree = ({ world }: Asking, self: MNode, { depth }: RequestOf<"getTree">) => {
  const levels: Array<ReadonlyArray<MNode>> = [[self]]
  for (let down = 0; down < depth; down++) {
    levels.push((levels.at(-1) ?? []).flatMap((node) => inOrder(childrenOf(world, node.id))))
  }
  return { nodes: levels.flat().map((node) => viewOf(world, node)), truncated: false }
}

export interface SeenEdge {
  readonly edge: ReturnType<typeof edgeView>
  readonly other: MNode
}

const other = (world: World, self: MNode, edge: MEdge): MNode | undefined =>
  world.nodes.get(edge.source === self.id ? edge.target : edge.source)

/** The edges of a node whose other end the caller may READ, as they are answered to whoever asked this node. */
export const edgesOf = (
  asking: Asking,
  self: MNode,
  ref: string | undefined,
  direction: Direction
): ReadonlyArray<SeenEdge> => {
  const { world } = asking
  return edgesAt(world, self, ref).flatMap((edge) => {
    const symmetric = edgeFacts.get(edge.class)?.symmetric === true
    const [out, into] = [edge.source === self.id, edge.target === self.id]
    const wanted = symmetric || (direction !== "in" && out) || (direction !== "out" && into)
    const end = other(world, self, edge)
    if (!wanted || end === undefined || !canRead(asking, end)) return []
    const view = symmetric ? edgeView(edge, self.id, end.id) : edgeView(edge, edge.source, edge.target)
    return [{ edge: view, other: end }]
  })
}

const edgesAt = (world: World, self: MNode, ref: string | undefined): ReadonlyArray<MEdge> => {
  const derived = (source: MNode, target: string): MEdge => ({
    class: K.has_parent.ref,
    source: source.id,
    target,
    slug: "",
    props: {},
    rev: source.rev
  })
  if (ref === K.has_parent.ref) {
    const up = self.parent === null ? [] : [derived(self, self.parent)]
    return [...up, ...childrenOf(world, self.id).map((child) => derived(child, self.id))]
  }
  const all = [...world.edges, ...permissionEdges(world)]
  return all.filter((edge) => {
    const ofClass = ref === undefined || edge.class === ref
    return ofClass && (edge.source === self.id || edge.target === self.id)
  })
}

/** Grants and memberships are edges, too. Their revs are not modelled. */
const permissionEdges = (world: World): ReadonlyArray<MEdge> => [
  ...world.grants.map(({ identity, mask, node }) => ({
    class: K.has_perm.ref,
    source: identity,
    target: node,
    slug: "",
    props: { [K.has_perm.mask.key]: mask },
    rev: 0
  })),
  ...world.members.map(({ group, member }) => ({
    class: K.member_of.ref,
    source: member,
    target: group,
    slug: "",
    props: {},
    rev: 0
  }))
]

export const getLinks = (asking: Asking, self: MNode, { direction, edgeClass }: RequestOf<"getLinks">) => {
  if (edgeClass !== undefined) edgeClassToRead(asking, edgeClass)
  return edgesOf(asking, self, edgeClass, direction).map(({ edge }) => edge)
}

export const countLinks = (asking: Asking, self: MNode, request: RequestOf<"countLinks">) => {
  if (request.edgeClass !== undefined) edgeClassToRead(asking, request.edgeClass)
  const wanted = wantedBy(asking, request)
  return {
    count: edgesOf(asking, self, request.edgeClass, request.direction).filter((seen) => wanted(seen.other)).length
  }
}

const edgeClassToRead = (asking: Asking, ref: string): void => {
  classNode(asking, ref, 0, "edge class")
}

export const getLink = (asking: Asking, self: MNode, request: RequestOf<"getLink">) => {
  edgeClassToRead(asking, request.edgeClass)
  const target = nodeAt(asking, request.target, READ, "param")
  if (request.edgeClass === K.has_parent.ref) {
    if (self.parent !== target.id) return refuse("NOT_FOUND")
    return edgeView(
      { class: request.edgeClass, source: self.id, target: target.id, slug: "", props: {}, rev: self.rev },
      self.id,
      target.id
    )
  }
  const edge = edgeBetween(asking.world, request.edgeClass, self, target, request.slug)
  const symmetric = edgeFacts.get(request.edgeClass)?.symmetric === true
  if (edge === undefined || (!symmetric && edge.source !== self.id)) return refuse("NOT_FOUND")
  return edgeView(edge, self.id, target.id)
}

export const listTrash = (asking: Asking) =>
  [...asking.world.nodes.values()]
    .flatMap((node) => (node.trash === undefined || !maySeeDeleted(asking, node) ? [] : [{ node, trash: node.trash }]))
    .map(({ node, trash }) => ({
      id: node.id,
      path: trash.path,
      class: node.class,
      seq: trash.seq,
      deletedAt: trash.at,
      deletedBy: trash.actor
    }))
    .sort((a, b) => b.seq - a.seq || (a.id < b.id ? 1 : -1))

/** Whether the caller may READ what is, or was, in a place: by what is granted now on the nodes that were above. */
export const readsAt = ({ caller, world }: Asking, spot: Spot | undefined): boolean => {
  const above = (spot?.chain ?? []).flatMap((id) => world.nodes.get(id) ?? [])
  return (maskAlong(world, caller.halves, above) & READ) !== 0
}

/** What changed of a node and of the edges at it, as far as the caller may READ where it did; the latest first. */
export const history = (asking: Asking, self: MNode) =>
  asking.world.log
    .filter(({ edge, node }) => node === self.id || edge?.target === self.id)
    .filter(({ edge, from, spot, targetSpot }) => {
      return readsAt(asking, spot ?? from) && (edge === undefined || readsAt(asking, targetSpot))
    })
    .map((change) => entryOf(asking, change))
    .reverse()

const entryOf = (asking: Asking, { actor, after, at, before, edge, from, op, seq, spot }: MChange) => ({
  seq,
  at,
  op,
  actor,
  ...(spot === undefined ? undefined : { path: spot.path }),
  ...(from === undefined || from.path === spot?.path || !readsAt(asking, from) ? undefined : { from: from.path }),
  ...(before === undefined || after === undefined ? undefined : { changed: changedIn(before, after) }),
  ...(edge === undefined ? undefined : { edge: edge.slug === "" ? { ...edge, slug: undefined } : edge })
})

const changedIn = (before: Props, after: Props) => {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key])
  return Object.fromEntries(keys.map((key) => [key, { before: before[key], after: after[key] }]))
}
