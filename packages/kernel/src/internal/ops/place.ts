import { EDIT, Path, PorticoError } from "@portico/schema"
import * as Result from "effect/Result"
import type { ClassType } from "../schema/types.ts"
import { containerInterface, schemaClasses } from "../schema/wellKnown.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { childOf, depthOf, lookAlike, nodeByKey, rootKey } from "../store/nodes.ts"
import { checkDepth } from "./depth.ts"
import { type Op, slugParam, violated } from "./Op.ts"
import { classOf } from "./types.ts"

/** Where a node goes. */
export interface Place {
  readonly parent: NodeRecord
  readonly slug: string
}

interface PlaceParams {
  readonly path?: string | undefined
  readonly parent?: string | undefined
  readonly slug?: string | undefined
}

const invalid = (param: string, message: string): never => {
  throw PorticoError.make("INVALID_PARAMS", `${param}: ${message}`, {
    issues: [{ path: [param], code: "place", message }]
  })
}

/** Parent address and slug of `path`, or of `parent` and `slug`. Without a slug the node gets its id as one. */
export const placeParams = (
  op: Op,
  params: PlaceParams
): { readonly parent: string; readonly slug: string | undefined } => {
  const { path, parent, slug } = params
  if (path === undefined) {
    if (parent === undefined) return invalid("path", "give path, or parent and slug")
    return { parent, slug: slug === undefined ? undefined : slugParam(slug) }
  }
  if (parent !== undefined || slug !== undefined) return invalid("path", "give path, or parent and slug, not both")
  const { address } = op.tools.parse(path)
  if (address._tag !== "Tree") return invalid("path", "a new node's path is a tree path")
  const last = address.slugs[address.slugs.length - 1]
  if (last === undefined) throw PorticoError.make("PATH_CONFLICT", "/ exists", { path: "/" })
  return { parent: Path.formatTree(address.slugs.slice(0, -1)), slug: last }
}

/** The node that is to become a parent: the caller needs EDIT on it, and it has to be one that may hold children. */
export const parentFor = (op: Op, address: string): NodeRecord => {
  const parent = op.node(address, EDIT, "resource")
  checkParent(op, parent)
  return parent
}

/** Refuses a parent that takes no children. */
export const checkParent = (op: Op, parent: NodeRecord): void => {
  const type = classOf(op.graph, parent)
  if (!type.fits.has(containerInterface)) {
    violated(`${op.path(parent)} is of ${type.ref}, which holds no children`, {
      constraint: "container",
      class: type.ref
    })
  }
  refuseSchemaSubtree(op, parent)
  checkDepth(op, depthOf(op.graph, parent) + 1)
}

/** What an install wrote, only an install changes. */
export const refuseSchemaNode = (op: Op, node: NodeRecord, type: ClassType): void => {
  if (schemaClasses.has(type.ref)) {
    violated(`${op.path(node)} is part of the schema, which only installs change`, { constraint: "schema" })
  }
  refuseSchemaSubtree(op, node)
}

const refuseSchemaSubtree = (op: Op, node: NodeRecord): void => {
  let top = node
  while (top.parent !== rootKey && top.parent !== 0) {
    const parent = nodeByKey(op.graph, top.parent)
    if (parent === undefined) return
    top = parent
  }
  if (isOrigin(top.slug) && op.graph.schema.domain(op.graph, top.slug)?.key === top.key) {
    violated(`${op.path(node)} is in the schema of ${top.slug}, which only installs change`, { constraint: "schema" })
  }
}

/** Whether a slug could be a domain's: those are reserved below `/`. */
export const isOrigin = (slug: string): boolean => slug.includes(".") && Result.isSuccess(Path.parseNode(`/:${slug}`))

/** Refuses a slug that is reserved, or that looks like a sibling's. */
export const checkSlug = (op: Op, { parent, slug }: Place): void => {
  if (parent.key === rootKey && isOrigin(slug)) {
    violated(`${slug} is an origin; only installing a domain makes /${slug}`, { constraint: "origin" })
  }
  const like = lookAlike(op.graph, parent.key, slug)
  if (like !== undefined) {
    throw PorticoError.make("PATH_CONFLICT", `${slug} looks the same as ${like}, which is there already`, {
      path: Path.child(op.path(parent), like),
      confusable: true
    })
  }
}

/** The node that stands at a place already. */
export const occupant = (op: Op, { parent, slug }: Place): NodeRecord | undefined => childOf(op.graph, parent.key, slug)

/** Refuses a place that is taken. */
export const taken = (op: Op, place: Place): never => {
  const path = Path.child(op.path(place.parent), place.slug)
  throw PorticoError.make("PATH_CONFLICT", `${path} exists`, { path })
}
