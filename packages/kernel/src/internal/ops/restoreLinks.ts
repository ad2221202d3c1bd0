import { step } from "@portico/gate/database"
import { EDIT, PorticoError } from "@portico/schema"
import type { AllowedBy } from "../permission/Standing.ts"
import { isKernelRef } from "../schema/wellKnown.ts"
import type { Parts } from "../store/GraphStore.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, preload } from "../store/nodes.ts"
import { edgesThen, type PastEdge } from "../store/past.ts"
import { isInTree } from "../store/places.ts"
import { propsThatFit } from "./comeBack.ts"
import { addLink, edgeBetween, patchEdge, unlink } from "./link.ts"
import { WriteOp } from "./Op.ts"
import { pagesOf } from "./treeThen.ts"

/** An edge that is to be as it was, its ends as they were named. */
interface Link extends PastEdge {
  readonly from: NodeRecord
  readonly to: NodeRecord
}

/**
 * Puts the edges that start at some nodes back as they were after the change with this number: EDIT on these nodes, and
 * what link and unlink ask for. Edges whose other node is gone, or out of the caller's sight, stay as they are. Those of
 * the kernel, grants for one, are written by their own operations only.
 */
export function* restoreLinks(op: WriteOp, keys: ReadonlyArray<number>, number: number): Parts<void> {
  const own = new Set(keys)
  const found = new Map<string, Link>()
  for (const page of pagesOf(keys)) {
    const links = yield* step(() => linksOf(op, page, own, number))
    // The first that is known of each edge tells how it was.
    for (const [name, link] of links) if (!found.has(name)) found.set(name, link)
  }
  const links = [...found.values()]
  // What an unlink leaves too few of, a link may add again.
  const atEnd: Array<() => void> = []
  // Whoever it is for is looked up.
  const late = yield* step(() => new WriteOp(op.graph, op.authority, op.tools, { atEnd, noted: op.noted }))
  for (const link of links) if (link.props === undefined) yield* step(() => takeOut(late, link))
  for (const link of links) {
    const { props } = link
    if (props !== undefined) yield* step(() => putIn(late, link, props))
  }
  for (const check of atEnd) yield* step(check)
}

/** Edges at some of the nodes that are put back, each once, by what makes it another one. */
const linksOf = (
  op: WriteOp,
  keys: ReadonlyArray<number>,
  own: ReadonlySet<number>,
  number: number
): ReadonlyMap<string, Link> => {
  const found = new Map<string, Link>()
  const edges = edgesThen(op.graph, keys, number)
  preload(op.graph, [...new Set(edges.flatMap(({ node, target }) => [node, target]))])
  for (const past of edges) {
    const type = op.graph.schema.typeByKey(op.graph, past.class)
    const isSymmetric = type?.kind === "edge" && type.contract.symmetric
    const turned = isSymmetric && !own.has(past.node)
    const [from, to] = turned ? [past.target, past.node] : [past.node, past.target]
    const ends = isSymmetric ? [from, to].sort((a, b) => a - b) : [from, to]
    const name = JSON.stringify([past.class, ...ends, past.slug])
    const [source, target] = [nodeByKey(op.graph, from), nodeByKey(op.graph, to)]
    if (!own.has(from) || found.has(name) || source === undefined || target === undefined) continue
    if (isInTree(op.graph, target) && op.canRead(target)) found.set(name, { ...past, from: source, to: target })
  }
  return found
}

const slugOf = ({ slug }: Link) => (slug === "" ? undefined : { slug })

const takeOut = (op: WriteOp, link: Link): void => {
  const type = op.graph.schema.typeByKey(op.graph, link.class)
  if (type?.kind !== "edge" || isKernelRef(type.ref)) return
  if (edgeBetween(op.graph, type, link.from, link.to, link.slug) === undefined) return
  unlink(op, link.from, { edgeClass: type.ref, target: `@${link.to.id}`, ...slugOf(link) })
}

const putIn = (op: WriteOp, link: Link, text: string): void => {
  const type = op.graph.schema.typeByKey(op.graph, link.class)
  if (type?.kind !== "edge") {
    throw PorticoError.make("SCHEMA_CONFLICT", `${op.path(link.from)} had an edge of a class that was removed`, {
      path: op.path(link.from)
    })
  }
  const allowedBy: AllowedBy = op.standing.allowedBy(link.from, EDIT)
  const props = propsThatFit(type, text)
  const edge = edgeBetween(op.graph, type, link.from, link.to, link.slug)
  if (edge !== undefined) patchEdge(op, type, link.from, link.to, edge, props, allowedBy)
  else addLink(op, link.from, { edgeClass: type.ref, target: `@${link.to.id}`, props, ...slugOf(link) }, allowedBy)
}
