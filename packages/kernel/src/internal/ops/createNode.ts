import { EDIT, type K, type ParamsOf, PorticoError } from "@portico/schema"
import { newProps, patchedProps } from "../schema/props.ts"
import type { ClassType } from "../schema/types.ts"
import { schemaClasses } from "../schema/wellKnown.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { insertNode, updateNode } from "../store/nodes.ts"
import { addLink, checkRequiredLinks } from "./link.ts"
import { violated, type WriteOp } from "./Op.ts"
import { checkSlug, occupant, type Place, parentFor, placeParams, taken } from "./place.ts"
import { classOf, classToMake } from "./types.ts"
import { claimUniques } from "./uniques.ts"

type Params = ParamsOf<typeof K.Node.createNode>

/** Most links that a node is made with. */
const maxLinks = 1_000

/** `Node:createNode`. */
export const createNode = (op: WriteOp, params: Params) => {
  if (params.links !== undefined && params.links.length > maxLinks) {
    throw PorticoError.make("LIMIT_EXCEEDED", `a node is made with at most ${maxLinks} links`, {
      limit: "links",
      max: maxLinks
    })
  }
  const type = classToMake(op, params.class)
  if (schemaClasses.has(type.ref)) {
    violated(`only installs make a ${type.ref}`, { constraint: "schema", class: type.ref })
  }
  const { parent: parentAddress, slug } = placeParams(op, params)
  const parent = parentFor(op, parentAddress)
  const place: Place = { parent, slug: slug ?? op.graph.ids.next() }
  // A new id is the slug of nothing, and looks like none.
  const existing = slug === undefined ? undefined : occupant(op, place)
  if (slug !== undefined && existing === undefined) checkSlug(op, place)
  const created = existing === undefined
  const node = created ? make(op, type, place, params) : meet(op, type, place, existing, params)
  return { id: node.id, path: op.path(node), rev: node.rev, created }
}

const make = (op: WriteOp, type: ClassType, place: Place, params: Params): NodeRecord => {
  const props = newProps(type, params.props ?? {})
  const allowedBy = op.standing.allowedBy(place.parent, EDIT)
  const isIdSlug = params.path === undefined && params.slug === undefined
  const node = insertNode(op.graph, {
    parent: place.parent.key,
    slug: place.slug,
    classKey: type.key,
    props,
    ...(isIdSlug ? { id: place.slug } : undefined)
  })
  claimUniques(op.graph, type, node, props, true)
  // Before its links, so that no watcher is told of an edge of what it does not know yet.
  op.record("create", node, allowedBy)
  for (const link of params.links ?? []) addLink(op, node, link, allowedBy)
  op.inTheEnd(() => checkRequiredLinks(op, type, node))
  return node
}

/** What `onConflict` wants of the node that is there already. */
const meet = (op: WriteOp, type: ClassType, place: Place, existing: NodeRecord, params: Params): NodeRecord => {
  const { onConflict = "fail" } = params
  if (onConflict === "fail") return taken(op, place)
  if (classOf(op.graph, existing).key !== type.key) {
    throw PorticoError.make("PATH_CONFLICT", `${op.path(existing)} exists and is not a ${type.ref}`, {
      path: op.path(existing)
    })
  }
  return onConflict === "skip" ? existing : merge(op, type, existing, params)
}

const merge = (op: WriteOp, type: ClassType, existing: NodeRecord, params: Params): NodeRecord => {
  const allowedBy = op.standing.allowedBy(existing, EDIT)
  const props = patchedProps(type, existing.props, params.props ?? {}, [])
  const same = JSON.stringify(props) === JSON.stringify(existing.props)
  for (const link of params.links ?? []) addLink(op, existing, { ...link, onConflict: "merge" }, allowedBy)
  if (same) return existing
  const node = updateNode(op.graph, existing, props)
  claimUniques(op.graph, type, node, props, false)
  op.record("update", node, allowedBy, { before: existing.propsText })
  return node
}
