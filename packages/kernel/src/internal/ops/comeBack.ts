import { EDIT, PorticoError } from "@portico/schema"
import { propsProblem } from "../check/props.ts"
import { newProps } from "../schema/props.ts"
import type { ClassType, TypeInfo } from "../schema/types.ts"
import { containerInterface } from "../schema/wellKnown.ts"
import { type Standpoint, standpointOf } from "../store/changes.ts"
import { edgeByKey } from "../store/edges.ts"
import type { Tx } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { depthOf, nodeByKey, type Props, placeNode, trashKey, updateNode } from "../store/nodes.ts"
import { isInTree } from "../store/places.ts"
import { chainAsIf, claimsOf, deleteTrash, noteClaim, type TrashClaim, trashRow, trashTop } from "../store/trash.ts"
import { hasChildren, isUnderNode } from "../store/tree.ts"
import { refuseBuiltIn } from "./builtIn.ts"
import { refuseDeeper } from "./depth.ts"
import { checkReturned } from "./edgeConstraints.ts"
import { refuseGain } from "./gain.ts"
import { type Op, violated, type WriteOp } from "./Op.ts"
import { checkParent, checkSlug, occupant, type Place, taken } from "./place.ts"
import { classOf } from "./types.ts"
import { claimUniques, reclaimUnique } from "./uniques.ts"

/** What a node is to be again. */
export interface Return {
  readonly place: Place
  /** Undefined for those that it has. */
  readonly props?: Props | undefined
}

/** Makes a place free that `holder` has, if it can; or answers false. */
export type MakeWay = (holder: NodeRecord) => boolean

const nobody: MakeWay = () => false

/**
 * Gives a node its place and props back, as one change, and answers it; the same record where nothing is different. What
 * was given away while it lay in the trash is for {@link takeBack} to ask for afterwards.
 */
export const putBack = (op: WriteOp, self: NodeRecord, to: Return, makeWay: MakeWay = nobody): NodeRecord => {
  const chain = chainAsIf(op.graph, self)
  const allowedBy = op.standing.allowedAlong(chain, EDIT)
  const from = standpointAsIf(op, self, chain)
  const node = settle(op, self, to.place, chain, from.path, makeWay)
  const restored = to.props === undefined ? node : withProps(op, classOf(op.graph, node), node, to.props)
  if (restored === self) return self
  op.record("restore", restored, allowedBy, {
    from,
    ...(restored === node ? undefined : { before: self.propsText })
  })
  return restored
}

/** Where a node is, or would be found, had it not been deleted. */
const standpointAsIf = (op: Op, self: NodeRecord, chain: ReadonlyArray<number>): Standpoint => {
  if (isInTree(op.graph, self)) return standpointOf(op.graph, self)
  const above = chain
    .slice(1)
    .reverse()
    .map((key) => `${key}/`)
    .join("")
  return { path: pathAsIf(op, self), above }
}

const pathAsIf = (op: Op, self: NodeRecord): string => {
  let below = ""
  let at = self
  while (at.parent !== trashKey) {
    below = `/${at.slug}${below}`
    const parent = nodeByKey(op.graph, at.parent)
    if (parent === undefined) throw new Error(`node ${at.key} has no parent in the store`)
    at = parent
  }
  return `${trashRow(op.graph, at.key)?.path ?? ""}${below}`
}

const isAt = (op: Op, self: NodeRecord, { parent, slug }: Place): boolean =>
  isInTree(op.graph, self) && parent.key === self.parent && slug === self.slug

/** Where a node was, if that is there and takes it: EDIT on it, unless the node is in it already. */
export const placeAgain = (
  op: WriteOp,
  self: NodeRecord,
  was: { readonly parent: number; readonly slug: string }
): Place => {
  const parent = nodeByKey(op.graph, was.parent)
  if (parent === undefined || !isInTree(op.graph, parent)) {
    throw PorticoError.make("NOT_FOUND", "what it was in is gone, too: restore that first, or give a path", {
      ...(isInTree(op.graph, self) ? undefined : { path: pathAsIf(op, self) })
    })
  }
  const place = { parent, slug: was.slug }
  if (isAt(op, self, place)) return place
  op.require({ text: op.path(parent), node: parent, nearest: undefined }, EDIT, "resource")
  checkParent(op, parent)
  return place
}

const settle = (
  op: WriteOp,
  self: NodeRecord,
  place: Place,
  chain: ReadonlyArray<number>,
  path: string,
  makeWay: MakeWay
): NodeRecord => {
  const { graph } = op
  if (isAt(op, self, place)) return self
  const isThere = isInTree(graph, self)
  if (isThere) leaveParent(op, self, place)
  const holder = occupant(op, place)
  if (holder !== undefined && !makeWay(holder)) return taken(op, place)
  checkSlug(op, place)
  refuseGain(op, self, chain, place.parent, path)
  refuseDeeper(op, self, isThere ? depthOf(graph, self) : 0, depthOf(graph, place.parent) + 1)
  return placeNode(graph, self, place.parent.key, place.slug)
}

/** What a move asks for: EDIT on the parent that it leaves, no way into itself, and that it may leave at all. */
const leaveParent = (op: WriteOp, self: NodeRecord, place: Place): void => {
  const from = nodeByKey(op.graph, self.parent)
  if (from === undefined) throw new Error(`node ${self.key} has no parent in the store`)
  op.require({ text: op.path(from), node: from, nearest: undefined }, EDIT, "resource")
  if (isUnderNode(op.graph, place.parent, self.key)) {
    throw PorticoError.make("CYCLE", `${op.path(place.parent)} is ${op.path(self)} or below it`, {
      path: op.path(self)
    })
  }
  refuseBuiltIn(op, self)
}

const withProps = (op: WriteOp, type: ClassType, node: NodeRecord, props: Props): NodeRecord => {
  if (JSON.stringify(props) === node.propsText) return node
  const changed = updateNode(op.graph, node, props)
  claimUniques(op.graph, type, changed, props, false)
  return changed
}

/** Old props, if the class as it is now still takes them; properties that it has no more stay away. */
export const propsThatFit = (type: TypeInfo, text: string): Props => {
  // Boundary: written by us, from props.
  const known = Object.entries(JSON.parse(text) as Props).filter(([key]) => type.props.byKey.has(key))
  try {
    return newProps(type, Object.fromEntries(known))
  } catch (refusal) {
    if (!(refusal instanceof PorticoError)) throw refusal
    throw PorticoError.make("SCHEMA_CONFLICT", `the old props do not fit ${type.ref} any more: ${refusal.message}`, {
      class: type.ref,
      ...refusal.details
    })
  }
}

/** A node cannot come back while a class of it, or of what is below it or linked to it, is not installed any more. */
export const refuseGone = (op: Op, top: number): void => {
  const gone = [...new Set(claimsOf(op.graph, top, "class").map(({ name }) => name))]
  if (gone.length === 0) return
  const path = trashRow(op.graph, top)?.path ?? ""
  throw PorticoError.make("SCHEMA_CONFLICT", `${path} has nodes or edges of ${gone.join(", ")}, which was removed`, {
    classes: gone
  })
}

/** Refuses a node that a new version of its class does not take as it is. */
const refuseMisfit = (op: WriteOp, key: number): void => {
  const node = nodeByKey(op.graph, key)
  if (node === undefined) return
  const type = classOf(op.graph, node)
  const isFull = hasChildren(op.graph, key) && !type.fits.has(containerInterface)
  const problem = isFull ? "it holds children" : propsProblem(type, node.propsText, Number.POSITIVE_INFINITY)
  if (problem === undefined) return
  throw PorticoError.make("SCHEMA_CONFLICT", `${op.path(node)} does not fit ${type.ref} any more: ${problem}`, {
    class: type.ref,
    path: op.path(node)
  })
}

/**
 * Takes back what others got while `top` was in the trash, or says who has it. The nodes are in their places already;
 * for those that went back into the trash by themselves it is asked when they come out.
 */
export const takeBack = (op: WriteOp, top: number, path: string): void => {
  const { graph } = op
  const ready = (claim: TrashClaim, keys: ReadonlyArray<number>) => isReady(graph, top, claim, keys)
  for (const claim of claimsOf(graph, top, "unique")) if (ready(claim, [claim.node])) takeUnique(op, claim, path)
  for (const claim of claimsOf(graph, top, "props")) if (ready(claim, [claim.node])) refuseMisfit(op, claim.node)
  for (const claim of claimsOf(graph, top, "edge")) {
    const edge = edgeByKey(graph, claim.node)
    const type = edge === undefined ? undefined : graph.schema.typeByKey(graph, edge.classKey)
    if (edge === undefined || type?.kind !== "edge") continue
    if (ready(claim, [edge.source, edge.target])) checkReturned(graph, type, edge, op.tools.limits)
  }
  const node = nodeByKey(graph, top)
  if (node !== undefined && isInTree(graph, node)) deleteTrash(graph, top)
}

/** Whether these nodes are in the tree, so that a claim can be settled; it goes to what they are in the trash with by now. */
const isReady = (graph: Tx, top: number, claim: TrashClaim, keys: ReadonlyArray<number>): boolean => {
  const nodes = keys.map((key) => nodeByKey(graph, key))
  const tops = nodes.map((node) => (node === undefined ? undefined : trashTop(graph, node)))
  for (const other of tops) if (other !== undefined && other !== top) noteClaim(graph, other, claim)
  return nodes.every((node) => node !== undefined) && tops.every((other) => other === undefined)
}

const takeUnique = (op: WriteOp, claim: TrashClaim, path: string): void => {
  const holder = reclaimUnique(op.graph, claim)
  if (holder === undefined) return
  const where = op.canRead(holder) ? op.path(holder) : "another node"
  const list = claim.name
  violated(`${where} has got the ${list} of what was at ${path}, or of something below`, {
    constraint: "unique",
    props: list.split(","),
    ...(op.canRead(holder) ? { path: where } : undefined)
  })
}
