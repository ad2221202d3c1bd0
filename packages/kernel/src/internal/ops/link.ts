import { EDIT, type K, type ParamsOf, PorticoError, READ } from "@portico/schema"
import type { EdgeView } from "../../Kernel.ts"
import type { AllowedBy } from "../permission/Standing.ts"
import { newProps, patchedProps, propsText } from "../schema/props.ts"
import type { ClassType, EdgeType } from "../schema/types.ts"
import { isKernelRef } from "../schema/wellKnown.ts"
import { deleteEdge, type EdgeRecord, findEdge, insertEdge, updateEdge } from "../store/edges.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import type { Props } from "../store/nodes.ts"
import { isKeyInTree } from "../store/places.ts"
import { noteClaim } from "../store/trash.ts"
import { cardinalityOf, checkEnough, checkNewEdge, degree } from "./edgeConstraints.ts"
import { edgeView } from "./edgeView.ts"
import { checkRev, requireEdit, slugParam, violated, type WriteOp } from "./Op.ts"
import { edgeClassToMake, edgeClassToRead, refuseKept } from "./types.ts"

type LinkParams = ParamsOf<typeof K.Node.link>
type UnlinkParams = ParamsOf<typeof K.Node.unlink>

const refuseKernelEdge = (type: EdgeType): void => {
  if (isKernelRef(type.ref)) {
    violated(`${type.ref} is written by its own operations only`, { constraint: "kernelEdge", edgeClass: type.ref })
  }
}

/** The ends as they are kept: a symmetric edge is kept once, from the lower key to the higher. */
export const orient = (type: EdgeType, a: number, b: number): { readonly source: number; readonly target: number } =>
  type.contract.symmetric && b < a ? { source: b, target: a } : { source: a, target: b }

/** The edge of a class from a node to another, as kept. */
export const edgeBetween = (
  graph: Graph,
  type: EdgeType,
  from: NodeRecord,
  to: NodeRecord,
  slug: string
): EdgeRecord | undefined => findEdge(graph, { classKey: type.key, ...orient(type, from.key, to.key), slug })

/** `X::link`: EDIT on the source, READ on the target, USE on the edge class. */
export const link = (op: WriteOp, self: NodeRecord, params: LinkParams): EdgeView => {
  requireEdit(op, self)
  return addLink(op, self, params, op.standing.allowedBy(self, EDIT))
}

/** Makes the edge from a node that the caller may EDIT. */
export const addLink = (op: WriteOp, source: NodeRecord, params: LinkParams, allowedBy: AllowedBy): EdgeView => {
  const type = edgeClassToMake(op, params.edgeClass)
  refuseKernelEdge(type)
  const target = op.node(params.target, READ, "param")
  const slug = params.slug === undefined ? "" : slugParam(params.slug)
  const existing = edgeBetween(op.graph, type, source, target, slug)
  if (existing !== undefined) return meet(op, type, source, target, existing, params, allowedBy)
  if (params.ifRev !== undefined) {
    throw PorticoError.make("REV_CONFLICT", `there is no such edge of ${type.ref}, so none at rev ${params.ifRev}`, {
      edgeClass: type.ref
    })
  }
  const beside = checkNewEdge(op.graph, type, source, target, op.tools.limits)
  const props = newProps(type, params.props ?? {})
  const id = { classKey: type.key, ...orient(type, source.key, target.key), slug }
  const text = propsText(props, op.graph.propsBytes)
  insertEdge(op.graph, id, text)
  // An edge that lies in the trash made no room; it has to ask for it when it comes back.
  for (const { edge, top } of beside) noteClaim(op.graph, top, { kind: "edge", node: edge, name: "", value: "" })
  op.record("link", source, allowedBy, { edge: { class: type.key, target, slug }, after: text })
  return edgeView(type.ref, source, target, { slug, props, rev: op.graph.seq })
}

const meet = (
  op: WriteOp,
  type: EdgeType,
  source: NodeRecord,
  target: NodeRecord,
  existing: EdgeRecord,
  params: LinkParams,
  allowedBy: AllowedBy
): EdgeView => {
  const { onConflict = "fail" } = params
  const { slug } = existing
  if (onConflict === "fail") {
    throw PorticoError.make("PATH_CONFLICT", `this edge of ${type.ref} exists`, {
      edgeClass: type.ref,
      target: target.id,
      ...(slug === "" ? undefined : { slug })
    })
  }
  checkRev(existing, params.ifRev, "the edge")
  if (onConflict === "skip") return edgeView(type.ref, source, target, existing)
  const props = patchedProps(type, existing.props, params.props ?? {}, [])
  return patchEdge(op, type, source, target, existing, props, allowedBy)
}

/** Gives an edge other props. */
export const patchEdge = (
  op: WriteOp,
  type: EdgeType,
  source: NodeRecord,
  target: NodeRecord,
  edge: EdgeRecord,
  props: Props,
  allowedBy: AllowedBy
): EdgeView => {
  const { slug } = edge
  const [before, after] = [JSON.stringify(edge.props), propsText(props, op.graph.propsBytes)]
  if (before === after) return edgeView(type.ref, source, target, edge)
  updateEdge(op.graph, edge.key, after)
  op.record("updateLink", source, allowedBy, { edge: { class: type.key, target, slug }, before, after })
  return edgeView(type.ref, source, target, { slug, props, rev: op.graph.seq })
}

/** `X::unlink`: EDIT on the source, and an edge that the caller can see. */
export const unlink = (op: WriteOp, self: NodeRecord, params: UnlinkParams): { readonly deleted: number } => {
  requireEdit(op, self)
  const type = edgeClassToRead(op, params.edgeClass)
  refuseKernelEdge(type)
  const target = op.node(params.target, READ, "param")
  const edge = edgeBetween(op.graph, type, self, target, params.slug === undefined ? "" : slugParam(params.slug))
  if (edge === undefined) return noEdge(type)
  checkRev(edge, params.ifRev, "the edge")
  const allowedBy = op.standing.allowedBy(self, EDIT)
  deleteEdge(op.graph, edge.key)
  op.inTheEnd(() => checkEnough(op.graph, type, edge))
  const { slug } = edge
  op.record("unlink", self, allowedBy, {
    edge: { class: type.key, target, slug },
    before: JSON.stringify(edge.props)
  })
  return { deleted: 1 }
}

/** `X::updateLink`: EDIT on the source, and an edge that the caller can see. */
export const updateLink = (op: WriteOp, self: NodeRecord, params: ParamsOf<typeof K.Node.updateLink>): EdgeView => {
  requireEdit(op, self)
  const type = edgeClassToRead(op, params.edgeClass)
  refuseKernelEdge(type)
  const target = op.node(params.target, READ, "param")
  const edge = edgeBetween(op.graph, type, self, target, params.slug === undefined ? "" : slugParam(params.slug))
  if (edge === undefined) return noEdge(type)
  refuseKept(type)
  checkRev(edge, params.ifRev, "the edge")
  const props = patchedProps(type, edge.props, params.props, params.unset ?? [])
  return patchEdge(op, type, self, target, edge, props, op.standing.allowedBy(self, EDIT))
}

/** Refuses a look-up of an edge that does not exist, to a caller who sees both nodes. */
export const noEdge = (type: EdgeType): never => {
  throw PorticoError.make("NOT_FOUND", `there is no such edge of ${type.ref}`, { edgeClass: type.ref })
}

/** Refuses a new node that lacks edges which its class's edge classes say it must start with. */
export const checkRequiredLinks = (op: WriteOp, type: ClassType, node: NodeRecord): void => {
  if (edgeClassesFrom(op.graph, type).length > 0 && !isKeyInTree(op.graph, node.key)) return
  for (const edge of edgeClassesFrom(op.graph, type)) {
    const { as, cardinality } = edge.contract.ends[0]
    const { min } = cardinalityOf(cardinality)
    if (degree(op.graph, edge, node.key, 0, min) < min) {
      violated(`a node is the ${as} of at least ${min} of ${edge.ref}`, { constraint: "cardinality", end: as, min })
    }
  }
}

const requiredFrom = new WeakMap<ClassType, ReadonlyArray<EdgeType>>()

/** Edge classes of the class's own domain of which its nodes have to start some. */
export const edgeClassesFrom = (graph: Graph, type: ClassType): ReadonlyArray<EdgeType> => {
  const known = requiredFrom.get(type)
  if (known !== undefined) return known
  const found: Array<EdgeType> = []
  for (const [name, { ends }] of Object.entries(type.domain.bundle.contract.edges)) {
    const [source] = ends
    if (cardinalityOf(source.cardinality).min === 0 || !source.types.some((ref) => type.fits.has(ref))) continue
    const edge = graph.schema.type(graph, `${type.domain.origin}:class.${name}`)
    if (edge?.kind === "edge" && !isKernelRef(edge.ref)) found.push(edge)
  }
  requiredFrom.set(type, found)
  return found
}
