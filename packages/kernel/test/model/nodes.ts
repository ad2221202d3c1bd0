import { type Asking, classNode, EDIT, itself, need, nodeAt, requireEdit, USE } from "./authorize.ts"
import { type ClassFacts, classFacts, edgeFacts } from "./domain.ts"
import { addLink, checkEdges, checkLeast, inTheEnd, restoreLinks } from "./links.ts"
import { logNode } from "./log.ts"
import { bitNames, maskAlong, unbound } from "./masks.ts"
import { newProps, patched, sameProps } from "./props.ts"
import type { RequestOf } from "./requests.ts"
import {
  chain,
  chainAsIf,
  childrenOf,
  inTree,
  isThere,
  isUnder,
  type MNode,
  pathOf,
  put,
  refuse,
  type Spot,
  spotOf,
  subtree,
  violated,
  type World
} from "./World.ts"

export interface Place {
  readonly parent: MNode
  readonly slug: string
}

export const factsOf = (node: Pick<MNode, "class">): ClassFacts => {
  const facts = classFacts.get(node.class)
  if (facts === undefined) throw new Error(`the model knows no class ${node.class}`)
  return facts
}

/** What a node is answered as. */
export const view = (world: World, { class: ref, createdAt, id, props, rev, slug, updatedAt }: MNode, node: MNode) => ({
  id,
  path: pathOf(world, node),
  slug,
  class: ref,
  props,
  rev,
  createdAt,
  updatedAt
})
export const viewOf = (world: World, node: MNode) => view(world, node, node)

/** The Greek letter looks like the Latin one. */
const skeleton = (slug: string): string => slug.replaceAll("ο", "o")

const isSchema = (world: World, node: MNode): boolean =>
  chain(world, node)
    .slice(0, -1)
    .some((each) => each.class.endsWith(":class.Domain")) || node.id === world.root

const checkParent = (world: World, parent: MNode): void => {
  if (factsOf(parent).container !== true) violated("container")
  if (parent.id !== world.root && isSchema(world, parent)) violated("schema")
}

export const parentFor = (asking: Asking, address: string): MNode => {
  const parent = nodeAt(asking, address, EDIT, "resource")
  checkParent(asking.world, parent)
  return parent
}

const split = (path: string): readonly [parent: string, slug: string] => {
  const cut = path.lastIndexOf("/")
  return [cut === 0 ? "/" : path.slice(0, cut), path.slice(cut + 1)]
}

const occupant = (world: World, { parent, slug }: Place) =>
  childrenOf(world, parent.id).find((child) => child.slug === slug)

const checkFree = (world: World, place: Place): void => {
  if (occupant(world, place) !== undefined) refuse("PATH_CONFLICT")
  const alike = (child: MNode) => skeleton(child.slug) === skeleton(place.slug)
  if (childrenOf(world, place.parent.id).some(alike)) refuse("PATH_CONFLICT")
}

/** No two nodes of the tree that are of one class have the same value of what is unique. */
const checkUnique = (world: World, node: MNode): void => {
  const { props, unique } = factsOf(node)
  for (const name of unique) {
    const key = props[name]?.key ?? ""
    const value = node.props[key]
    if (value === undefined) continue
    for (const other of world.nodes.values()) {
      if (other.id === node.id || other.class !== node.class || other.props[key] !== value) continue
      if (inTree(world, other)) violated("unique")
    }
  }
}

export const createNode = (asking: Asking, request: RequestOf<"createNode">) => {
  const { now, seq, world } = asking
  classNode(asking, request.class, USE, "class")
  const facts = classFacts.get(request.class)
  if (facts === undefined) return refuse("CLASS_NOT_FOUND")
  const id = asking.newId()
  const [parentAddress, slug] =
    request.path === undefined ? [request.parent ?? "", request.slug ?? id] : split(request.path)
  const place = { parent: parentFor(asking, parentAddress), slug }
  const existing = occupant(world, place)
  if (existing !== undefined) return meet(asking, existing, request)
  checkFree(world, place)
  const props = newProps(facts.props, request.props ?? {})
  const node = {
    id,
    parent: place.parent.id,
    slug,
    class: request.class,
    props,
    rev: seq,
    createdAt: now,
    updatedAt: now
  }
  put(world, node)
  checkUnique(world, node)
  logNode(asking, "create", node, { before: {}, after: props })
  for (const link of request.links ?? []) addLink(asking, node, link)
  inTheEnd(asking, () => {
    if (isThere(world, id)) for (const ref of facts.starts) checkLeast(world, ref, id)
  })
  return { id, path: pathOf(world, node), rev: seq, created: true }
}

const meet = (asking: Asking, existing: MNode, request: RequestOf<"createNode">) => {
  const { world } = asking
  const { onConflict = "fail" } = request
  if (onConflict === "fail" || existing.class !== request.class) return refuse("PATH_CONFLICT")
  const answer = (node: MNode) => ({ id: node.id, path: pathOf(world, node), rev: node.rev, created: false })
  if (onConflict === "skip") return answer(existing)
  const props = patched(factsOf(existing).props, existing.props, request.props ?? {})
  for (const link of request.links ?? []) addLink(asking, existing, { ...link, onConflict: "merge" })
  return answer(updated(asking, existing, props))
}

const withProps = ({ now, seq, world }: Asking, node: MNode, props: MNode["props"]): MNode => {
  if (sameProps(props, node.props)) return node
  const changed = put(world, { ...node, props, rev: seq, updatedAt: now })
  checkUnique(world, changed)
  return changed
}

const updated = (asking: Asking, before: MNode, props: MNode["props"]): MNode => {
  const node = withProps(asking, before, props)
  if (node !== before) logNode(asking, "update", node, { before: before.props, after: props })
  return node
}

const checkRev = (node: MNode, ifRev: number | undefined): void => {
  if (ifRev !== undefined && ifRev !== node.rev) refuse("REV_CONFLICT", undefined, { rev: node.rev })
}

const refuseSchema = (world: World, node: MNode): void => {
  if (isSchema(world, node)) violated("schema")
}

/** The groups that are found by their paths, and what they are below, stay where they are. */
const refuseBuiltIn = (world: World, node: MNode): void => {
  const moved = subtree(world, node)
  if (moved.some(({ id }) => id === world.everyone || id === world.authenticated)) violated("builtIn")
}

export const update = (asking: Asking, self: MNode, request: RequestOf<"update">) => {
  requireEdit(asking, self)
  refuseSchema(asking.world, self)
  checkRev(self, request.ifRev)
  const props = patched(factsOf(self).props, self.props, request.props, request.unset)
  return viewOf(asking.world, updated(asking, self, props))
}

export const remove = (asking: Asking, self: MNode, request: RequestOf<"delete">) => {
  const { caller, now, seq, world } = asking
  requireEdit(asking, self)
  refuseSchema(world, self)
  checkRev(self, request.ifRev)
  if (request.recursive !== true && childrenOf(world, self.id).length > 0) refuse("NOT_EMPTY")
  const gone = subtree(world, self)
  refuseBuiltIn(world, self)
  const { parent, slug } = self
  const trash = { parent: parent ?? "", slug, path: pathOf(world, self), seq, at: now, actor: caller.actor }
  const from = spotOf(world, self)
  put(world, { ...self, parent: null, slug: self.id, rev: seq, updatedAt: now, trash })
  logNode(asking, "delete", self, { from })
  const short = world.edges.filter(
    ({ class: ref, source, target }) =>
      edgeFacts.get(ref)?.least !== undefined &&
      gone.some(({ id }) => id === target) &&
      !gone.some(({ id }) => id === source)
  )
  inTheEnd(asking, () => {
    for (const { class: ref, source } of short) if (isThere(world, source)) checkLeast(world, ref, source)
  })
  return { deleted: gone.length }
}

/** Puts a node in a place and refuses it where the caller would then have a bit on it that they lacked. */
const placed = (asking: Asking, self: MNode, place: Place): MNode => {
  const { caller, now, seq, world } = asking
  const before = chainAsIf(world, self)
  const on = self.trash?.path ?? pathOf(world, self)
  checkFree(world, place)
  const { trash: _, ...rest } = self
  const node = put(world, { ...rest, parent: place.parent.id, slug: place.slug, rev: seq, updatedAt: now })
  const after = chain(world, node)
  const gainedBy = (halves: typeof caller.halves) => maskAlong(world, halves, after) & ~maskAlong(world, halves, before)
  const gained = gainedBy(caller.halves) | gainedBy(unbound(caller.halves))
  if (gained !== 0) refuse("PERMISSION_DENIED", undefined, { needs: bitNames(gained), on, phase: "resource" })
  return node
}

const parentOf = (world: World, node: MNode): MNode => {
  const parent = world.nodes.get(node.parent ?? "")
  if (parent === undefined) throw new Error(`the model has no parent of ${node.id}`)
  return parent
}

export const move = (asking: Asking, self: MNode, request: RequestOf<"move">) => {
  const { world } = asking
  if (self.id === world.root) return violated("root")
  requireEdit(asking, self)
  need(asking, { ...itself(asking, parentOf(world, self)), nearest: undefined }, EDIT, "resource")
  refuseSchema(world, self)
  const place = { parent: parentFor(asking, request.to), slug: request.slug ?? self.slug }
  checkRev(self, request.ifRev)
  if (isUnder(world, place.parent, self.id)) refuse("CYCLE")
  const stays = place.parent.id === self.parent && place.slug === self.slug
  if (stays) return { id: self.id, path: pathOf(world, self), rev: self.rev }
  refuseBuiltIn(world, self)
  const from = spotOf(world, self)
  const node = placed(asking, self, place)
  logNode(asking, "move", node, { from })
  return { id: node.id, path: pathOf(world, node), rev: node.rev }
}

/** Where a node was, and its props, after a commit. */
const stateAt = (asking: Asking, self: MNode, seq: number) => {
  const [, world] = asking.earlier.filter(([number]) => number <= seq).at(-1) ?? refuse("INVALID_PARAMS")
  const was = world.nodes.get(self.id) ?? refuse("INVALID_PARAMS")
  return { props: was.props, parent: was.trash?.parent ?? was.parent ?? "", slug: was.trash?.slug ?? was.slug }
}

export const restore = (asking: Asking, self: MNode, request: RequestOf<"restore">) => {
  const { world } = asking
  const { trash } = self
  if (trash === undefined && request.seq === undefined) return refuse("INVALID_PARAMS")
  if (trash === undefined) refuseSchema(world, self)
  const was = request.seq === undefined ? undefined : stateAt(asking, self, request.seq)
  const place = restorePlace(asking, self, request.path, was ?? trash ?? { parent: self.parent ?? "", slug: self.slug })
  const stays = trash === undefined && place.parent.id === self.parent && place.slug === self.slug
  if (trash === undefined && !stays) {
    need(asking, { ...itself(asking, parentOf(world, self)), nearest: undefined }, EDIT, "resource")
    if (isUnder(world, place.parent, self.id)) refuse("CYCLE")
    refuseBuiltIn(world, self)
  }
  const from = spotAsIf(world, self)
  const back = stays ? self : placed(asking, self, place)
  const node = was === undefined ? back : withProps(asking, back, was.props)
  if (trash !== undefined) checkReturned(world, node)
  if (node === back) {
    if (node !== self) logNode(asking, "restore", node, { from })
  } else logNode(asking, "restore", node, { from, before: back.props, after: node.props })
  if (request.seq !== undefined) restoreLinks(asking, node, request.seq)
  return { id: node.id, path: pathOf(world, node), rev: node.rev }
}

/** Where a node is, or would be had it not been deleted. */
const spotAsIf = (world: World, node: MNode): Spot =>
  node.trash === undefined
    ? spotOf(world, node)
    : {
        chain: chainAsIf(world, node)
          .map(({ id }) => id)
          .reverse(),
        path: node.trash.path
      }

const restorePlace = (
  asking: Asking,
  self: MNode,
  path: string | undefined,
  was: { readonly parent: string; readonly slug: string }
): Place => {
  const { world } = asking
  if (path !== undefined) {
    const [parent, slug] = split(path)
    return { parent: parentFor(asking, parent), slug }
  }
  const parent = world.nodes.get(was.parent)
  if (parent === undefined || !inTree(world, parent)) return refuse("NOT_FOUND")
  const stays = self.trash === undefined && parent.id === self.parent && was.slug === self.slug
  if (!stays) {
    need(asking, { ...itself(asking, parent), nearest: undefined }, EDIT, "resource")
    checkParent(world, parent)
  }
  return { parent, slug: was.slug }
}

/** What came back has to hold to everything that is declared, beside what was made meanwhile. */
const checkReturned = (world: World, top: MNode): void => {
  const back = subtree(world, top)
  for (const node of back) checkUnique(world, node)
  const ids = new Set(back.map(({ id }) => id))
  checkEdges(world, (edge) => ids.has(edge.source) || ids.has(edge.target))
}
