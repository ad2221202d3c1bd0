import { type K, Mask, type ParamsOf, SHARE } from "@portico/schema"
import type { Position } from "../cursor.ts"
import { DamagedTree, maxClimb } from "../permission/arithmetic.ts"
import { holdersOn, membersOf } from "../permission/grants.ts"
import { subjectOf } from "../permission/subject.ts"
import { implementersOf } from "../schema/implementers.ts"
import { authenticatedPath, everyonePath, identityInterface, memberOf } from "../schema/wellKnown.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, nodesOf } from "../store/nodes.ts"
import { isInTree, isKeyInTree } from "../store/places.ts"
import { defaultLimit } from "./children.ts"
import { type Op, permsParam } from "./Op.ts"
import { scan } from "./scan.ts"

/**
 * `X::listHolders`: SHARE on the node. Whoever holds the bits holds them by a grant on the node or on an ancestor, to
 * itself or to a group; so it looks at those who were granted something there and at their members. Where the groups
 * that everybody is in hold enough, it is every identity.
 */
export const listHolders = (op: Op, self: NodeRecord, params: ParamsOf<typeof K.Node.listHolders>) => {
  const { limit = defaultLimit } = params
  const perms = permsParam(params.perms)
  op.require({ text: op.path(self), node: self, nearest: self }, SHARE, "resource")
  const scope = JSON.stringify(["listHolders", self.id, perms])
  const grants = grantsAbove(op.graph, self)
  const heldBy = (identities: Iterable<number>) => {
    let mask = 0
    for (const key of identities) mask |= grants.get(key) ?? 0
    return mask
  }
  const toAll = Mask.has(heldBy(impliedIdentities(op)), perms)
  const { items, next } = scan(
    placeIn(op.readCursor(scope, params.cursor)),
    limit,
    toAll ? everyIdentity(op.graph) : holders(op.graph, grants.keys()),
    placeOf,
    (identity) => {
      const mask = isInTree(op.graph, identity) && op.canRead(identity) ? heldBy(closureOf(op, identity)) : 0
      if (mask === 0 || !Mask.has(mask, perms)) return undefined
      return { id: identity.id, path: op.path(identity), mask }
    }
  )
  return { identities: items, ...(next === undefined ? undefined : { next: op.signCursor(scope, next) }) }
}

/** An identity with its groups. Everyone is whoever shows no credential, too. */
const closureOf = (op: Op, identity: NodeRecord): ReadonlySet<number> =>
  subjectOf(op.graph, op.path(identity) === everyonePath ? null : identity.id, []).closure

/** What whoever shows a credential acts as at least. */
const impliedIdentities = (op: Op): ReadonlySet<number> => {
  const { node } = op.locate(authenticatedPath)
  return node === undefined ? new Set() : closureOf(op, node)
}

/** By identity, the OR of what it was itself granted on the node and on its ancestors. */
const grantsAbove = (graph: Graph, node: NodeRecord): ReadonlyMap<number, number> => {
  const grants = new Map<number, number>()
  let climbed = 0
  for (let at: NodeRecord | undefined = node; at !== undefined; at = nodeByKey(graph, at.parent)) {
    if (++climbed > maxClimb) throw new DamagedTree(node.key)
    for (const [identity, mask] of at.granted ? holdersOn(graph, at.key) : []) {
      grants.set(identity, (grants.get(identity) ?? 0) | mask)
    }
  }
  return grants
}

/** Class, parent and slug: the order of an index, and of every listing here. */
type Place = readonly [classKey: number, parent: number, slug: string]

const start: Place = [0, 0, ""]
const placeOf = (node: NodeRecord): Place => [node.classKey, node.parent, node.slug]
const compare = (a: Place, b: Place): number =>
  a[0] - b[0] || a[1] - b[1] || Buffer.compare(Buffer.from(a[2]), Buffer.from(b[2]))

/** The place in a cursor that this listing signed. */
const placeIn = (position: Position | undefined): Place =>
  position === undefined ? start : [Number(position[0]), Number(position[1]), String(position[2])]

/** Reads identities from a place on. */
type Reader = (after: Place, limit: number) => ReadonlyArray<NodeRecord>

/** Every identity, class by class: read straight off an index, however many there are. */
const everyIdentity = (graph: Graph): Reader => {
  const type = graph.schema.type(graph, identityInterface)
  const classes = type === undefined ? [] : implementersOf(graph, type)
  return ([from, parent, slug], limit) => {
    const found: Array<NodeRecord> = []
    for (const key of classes) {
      if (key < from || found.length >= limit) continue
      const behind = key === from ? ([parent, slug] as const) : ([0, ""] as const)
      found.push(...nodesOf(graph, byClass, key, ...behind, limit - found.length))
    }
    return found
  }
}

const byClass = "class = ? AND (parent, slug) > (?, ?) ORDER BY parent, slug LIMIT ?"

/** Those who were granted something, and everybody who is a member of one of them, directly or through groups. */
const holders = (graph: Graph, granted: Iterable<number>): Reader => {
  const memberOfKey = graph.schema.type(graph, memberOf)?.key ?? 0
  const reached = new Set(granted)
  for (const key of reached) {
    // Grants to what was deleted, and memberships in it, are kept, and mean nothing.
    if (!isKeyInTree(graph, key)) reached.delete(key)
    else for (const member of membersOf(graph, key, memberOfKey)) reached.add(member)
  }
  const nodes = [...reached]
    .flatMap((key) => nodeByKey(graph, key) ?? [])
    .sort((a, b) => compare(placeOf(a), placeOf(b)))
  return (after, limit) => nodes.filter((node) => compare(placeOf(node), after) > 0).slice(0, limit)
}
