import { EDIT, type K, type ParamsOf, PorticoError } from "@portico/schema"
import { propsProblem } from "../check/props.ts"
import { newProps } from "../schema/props.ts"
import type { ClassType } from "../schema/types.ts"
import { containerInterface } from "../schema/wellKnown.ts"
import {
  floorOf,
  madeAfter,
  numberAfter,
  placeAfter,
  propsAfter,
  type Standpoint,
  standpointOf
} from "../store/changes.ts"
import { edgeByKey } from "../store/edges.ts"
import { seqOf } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { depthOf, nodeByKey, type Props, placeNode, updateNode } from "../store/nodes.ts"
import { isInTree } from "../store/places.ts"
import { chainAsIf, claimsOf, deleteTrash, type TrashRow, trashRow } from "../store/trash.ts"
import { hasChildren, isUnderNode } from "../store/tree.ts"
import { refuseDeeper } from "./depth.ts"
import { checkReturned } from "./edgeConstraints.ts"
import { refuseGain } from "./gain.ts"
import { type Op, violated, type WriteOp } from "./Op.ts"
import {
  checkParent,
  checkSlug,
  occupant,
  type Place,
  parentFor,
  placeParams,
  refuseSchemaNode,
  taken
} from "./place.ts"
import { classOf } from "./types.ts"
import { claimUniques, reclaimUnique } from "./uniques.ts"

type Params = ParamsOf<typeof K.Node.restore>

const invalid = (param: string, message: string): never => {
  throw PorticoError.make("INVALID_PARAMS", `${param}: ${message}`, {
    issues: [{ path: [param], code: "restore", message }]
  })
}

/**
 * `X::restore`: EDIT on the node as if it were still where it was, and on the parent that it comes under. What is below
 * it never left it, so the node is put back by one row; what others took meanwhile is looked up, not searched for.
 */
export const restore = (op: WriteOp, self: NodeRecord, params: Params) => {
  const row = trashRow(op.graph, self.key)
  if (row === undefined && params.seq === undefined) {
    return invalid("seq", `${op.path(self)} is not in the trash; give the commit that it shall go back to`)
  }
  if (row !== undefined) refuseGone(op, row)
  const type = classOf(op.graph, self)
  if (row === undefined) refuseSchemaNode(op, self, type)
  const was = params.seq === undefined ? undefined : stateAt(op, self, type, params.seq)
  const chain = chainAsIf(op.graph, self)
  const allowedBy = op.standing.allowedAlong(chain, EDIT)
  const place = placeOf(op, self, row, params.path, was?.place)
  const from = row === undefined ? standpointOf(op.graph, self) : standpointOfTrash(chain, row)
  const node = settle(op, self, row, place, chain)
  const restored = was === undefined ? node : withProps(op, type, node, was.props)
  if (row !== undefined) takeBack(op, row)
  if (restored === self) return { id: self.id, path: op.path(self), rev: self.rev }
  op.record("restore", restored, allowedBy, {
    from,
    ...(restored === node ? undefined : { before: self.propsText })
  })
  return { id: restored.id, path: op.path(restored), rev: restored.rev }
}

/** Where a node in the trash would be found, had it not been deleted. */
const standpointOfTrash = (chain: ReadonlyArray<number>, { path }: TrashRow): Standpoint => ({
  path,
  above: chain
    .slice(1)
    .reverse()
    .map((key) => `${key}/`)
    .join("")
})

/** A node cannot come back while a class of it, or of what is below it or linked to it, is not installed any more. */
const refuseGone = (op: Op, { node, path }: TrashRow): void => {
  const gone = [...new Set(claimsOf(op.graph, node, "class").map(({ name }) => name))]
  if (gone.length > 0) {
    throw PorticoError.make("SCHEMA_CONFLICT", `${path} has nodes or edges of ${gone.join(", ")}, which was removed`, {
      classes: gone
    })
  }
}

interface State {
  readonly props: Props
  /** Undefined for where it is now, or was when it was deleted. */
  readonly place: { readonly parent: number; readonly slug: string } | undefined
}

const stateAt = (op: Op, self: NodeRecord, type: ClassType, seq: number): State => {
  const { graph } = op
  if (seq > seqOf(graph) || seq < 0) return invalid("seq", "there is no such commit yet")
  if (seq < floorOf(graph)) {
    throw PorticoError.make("CHANGES_EXPIRED", `history does not go back to commit ${seq}`, { since: floorOf(graph) })
  }
  const number = numberAfter(graph, seq)
  if (madeAfter(graph, self.key, number)) return invalid("seq", "the node was made after that commit")
  const text = propsAfter(graph, self.key, number) ?? self.propsText
  return { props: propsThatFit(type, text), place: placeAfter(graph, self.key, number) }
}

/** Old props, if the class as it is now still takes them; properties that it has no more stay away. */
const propsThatFit = (type: ClassType, text: string): Props => {
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

const placeOf = (
  op: WriteOp,
  self: NodeRecord,
  row: TrashRow | undefined,
  path: string | undefined,
  was: State["place"]
): Place => {
  if (path !== undefined) {
    const { parent, slug = self.slug } = placeParams(op, { path })
    return { parent: parentFor(op, parent), slug }
  }
  const { parent: key, slug } = was ?? row ?? self
  const parent = nodeByKey(op.graph, key)
  if (parent === undefined || !isInTree(op.graph, parent)) {
    throw PorticoError.make("NOT_FOUND", "what it was in is gone, too: restore that first, or give a path", {
      ...(row === undefined ? undefined : { path: row.path })
    })
  }
  const stays = row === undefined && parent.key === self.parent && slug === self.slug
  if (!stays) {
    op.require({ text: op.path(parent), node: parent, nearest: undefined }, EDIT, "resource")
    checkParent(op, parent)
  }
  return { parent, slug }
}

/** Puts the node in its place. */
const settle = (
  op: WriteOp,
  self: NodeRecord,
  row: TrashRow | undefined,
  place: Place,
  chain: ReadonlyArray<number>
): NodeRecord => {
  const { graph } = op
  const stays = row === undefined && place.parent.key === self.parent && place.slug === self.slug
  if (stays) return self
  if (row === undefined) leaveParent(op, self, place)
  if (occupant(op, place) !== undefined) return taken(op, place)
  checkSlug(op, place)
  refuseGain(op, chain, place.parent, row?.path ?? op.path(self))
  refuseDeeper(graph, self, row === undefined ? depthOf(graph, self) : 0, depthOf(graph, place.parent) + 1)
  return placeNode(graph, self, place.parent.key, place.slug)
}

/** What a move asks for: EDIT on the parent that it leaves, and no way into itself. */
const leaveParent = (op: WriteOp, self: NodeRecord, place: Place): void => {
  const from = nodeByKey(op.graph, self.parent)
  if (from === undefined) throw new Error(`node ${self.key} has no parent in the store`)
  op.require({ text: op.path(from), node: from, nearest: undefined }, EDIT, "resource")
  if (isUnderNode(op.graph, place.parent, self.key)) {
    throw PorticoError.make("CYCLE", `${op.path(place.parent)} is ${op.path(self)} or below it`, {
      path: op.path(self)
    })
  }
}

const withProps = (op: WriteOp, type: ClassType, node: NodeRecord, props: Props): NodeRecord => {
  if (JSON.stringify(props) === node.propsText) return node
  const changed = updateNode(op.graph, node, props)
  claimUniques(op.graph, type, changed, props, false)
  return changed
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

/** Takes back what was given away meanwhile, or says who has it. The node is in its place already. */
const takeBack = (op: WriteOp, { node, path }: TrashRow): void => {
  const { graph } = op
  for (const claim of claimsOf(graph, node, "unique")) {
    const holder = reclaimUnique(graph, claim)
    if (holder === undefined) continue
    const where = op.canRead(holder) ? op.path(holder) : "another node"
    const list = claim.name
    violated(`${where} has got the ${list} of what was at ${path}, or of something below`, {
      constraint: "unique",
      props: list.split(","),
      ...(op.canRead(holder) ? { path: where } : undefined)
    })
  }
  for (const claim of claimsOf(graph, node, "props")) refuseMisfit(op, claim.node)
  for (const claim of claimsOf(graph, node, "edge")) {
    const edge = edgeByKey(graph, claim.node)
    const type = edge === undefined ? undefined : graph.schema.typeByKey(graph, edge.classKey)
    const ends = edge === undefined ? [] : [edge.source, edge.target].map((key) => nodeByKey(graph, key))
    const isBack = ends.every((end) => end !== undefined && isInTree(graph, end))
    if (edge !== undefined && type?.kind === "edge" && isBack) checkReturned(graph, type, edge)
  }
  deleteTrash(graph, node)
}
