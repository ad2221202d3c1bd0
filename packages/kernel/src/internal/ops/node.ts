import { EDIT, type K, type ParamsOf, PorticoError } from "@portico/schema"
import type { NodeView } from "../../Kernel.ts"
import { patchedProps, pick, qualifyKeys } from "../schema/props.ts"
import { standpointOf } from "../store/changes.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { depthOf, nodeByKey, pathOf, placeNode, rootKey, updateNode, viewOf } from "../store/nodes.ts"
import { chainAsIf } from "../store/trash.ts"
import { isUnderNode } from "../store/tree.ts"
import { refuseBuiltIn } from "./builtIn.ts"
import { refuseDeeper } from "./depth.ts"
import { refuseGain } from "./gain.ts"
import { checkRev, type Op, requireEdit, slugParam, type WriteOp } from "./Op.ts"
import { checkSlug, occupant, type Place, parentFor, refuseSchemaNode, taken } from "./place.ts"
import { classOf, refuseKept } from "./types.ts"
import { claimUniques } from "./uniques.ts"

/** `X::get`. */
export const get = (op: Op, self: NodeRecord, params: ParamsOf<typeof K.Node.get>): NodeView => {
  const view = viewOf(op.graph, self)
  if (params.props === undefined) return view
  return { ...view, props: pick(view.props, qualifyKeys(classOf(op.graph, self), params.props, "props")) }
}

/** `X::update`: EDIT. */
export const update = (op: WriteOp, self: NodeRecord, params: ParamsOf<typeof K.Node.update>): NodeView => {
  requireEdit(op, self)
  const type = classOf(op.graph, self)
  refuseSchemaNode(op, self, type)
  refuseKept(type)
  checkRev(self, params.ifRev, pathOf(op.graph, self))
  const allowedBy = op.standing.allowedBy(self, EDIT)
  const props = patchedProps(type, self.props, params.props, params.unset ?? [])
  if (JSON.stringify(props) === JSON.stringify(self.props)) return viewOf(op.graph, self)
  const node = updateNode(op.graph, self, props)
  claimUniques(op.graph, type, node, props, false)
  op.record("update", node, allowedBy, { before: self.propsText })
  return viewOf(op.graph, node)
}

/** `X::move`: EDIT on both parents, and no bit gained by it. */
export const move = (op: WriteOp, self: NodeRecord, params: ParamsOf<typeof K.Node.move>) => {
  const { graph } = op
  if (self.key === rootKey)
    throw PorticoError.make("CONSTRAINT_VIOLATED", "/ stays where it is", { constraint: "root" })
  const from = nodeByKey(graph, self.parent)
  if (from === undefined) throw new Error(`node ${self.key} has no parent in the store`)
  requireEdit(op, self)
  op.require({ text: op.path(from), node: from, nearest: undefined }, EDIT, "resource")
  refuseSchemaNode(op, self, classOf(graph, self))
  const place: Place = {
    parent: parentFor(op, params.to),
    slug: params.slug === undefined ? self.slug : slugParam(params.slug)
  }
  checkRev(self, params.ifRev, pathOf(graph, self))
  if (isUnderNode(graph, place.parent, self.key)) {
    throw PorticoError.make("CYCLE", `${op.path(place.parent)} is ${op.path(self)} or below it`, {
      path: op.path(self)
    })
  }
  const same = place.parent.key === self.parent && place.slug === self.slug
  if (same) return { id: self.id, path: op.path(self), rev: self.rev }
  refuseBuiltIn(op, self)
  return settle(op, self, place)
}

const settle = (op: WriteOp, self: NodeRecord, place: Place) => {
  const { graph } = op
  if (occupant(op, place) !== undefined) return taken(op, place)
  checkSlug(op, place)
  refuseGain(op, self, chainAsIf(graph, self), place.parent, op.path(self))
  refuseDeeper(op, self, depthOf(graph, self), depthOf(graph, place.parent) + 1)
  const allowedBy = op.standing.allowedBy(self, EDIT)
  const from = standpointOf(graph, self)
  const node = placeNode(graph, self, place.parent.key, place.slug)
  op.record("move", node, allowedBy, { from })
  return { id: node.id, path: pathOf(graph, node), rev: node.rev }
}
