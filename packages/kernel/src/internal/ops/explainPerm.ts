import { ALL, type K, Mask, type ParamsOf, SHARE } from "@portico/schema"
import { type Derivation, type DerivedGrant, derive } from "../permission/derivation.ts"
import { memberOf } from "../schema/wellKnown.ts"
import { seqOf } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { type Asked, askedAbout, askedNode } from "./asked.ts"
import { type Op, permsParam } from "./Op.ts"

/** Most grants that are listed of one half. */
const maxGrants = 100

/**
 * `Identity:explainPerm`: the derivation of what `checkPerm` answers. A grant on an ancestor counts whether or not the
 * asker may know of that ancestor, so it is always listed; where it is and who holds it is told as far as the asker
 * may see. About oneself every grant and group is told, since they are one's own.
 */
export const explainPerm = (op: Op, params: ParamsOf<typeof K.Identity.explainPerm>) => {
  const perms = permsParam(params.perms)
  const asked = askedAbout(op, params.identity)
  const node = askedNode(op, asked, params.node)
  const memberOfKey = op.graph.schema.type(op.graph, memberOf)?.key ?? 0
  const derived = asked.standing.halves.map((half) => derive(op.graph, half, node, memberOfKey))
  const mask = derived.reduce((all, half) => all | half.mask, asked.standing.authority.system === true ? ALL : 0)
  return {
    allowed: Mask.has(mask, perms),
    mask,
    missing: Mask.names(perms & ~mask),
    halves: derived.map((half) => halfView(op, asked, node, half)),
    seq: seqOf(op.graph)
  }
}

const halfView = (op: Op, asked: Asked, node: NodeRecord, half: Derivation) => ({
  half: half.kind,
  mask: half.mask,
  granted: half.granted,
  grants: half.grants.slice(0, maxGrants).map((grant) => grantView(op, asked, node, grant)),
  more: half.grants.length > maxGrants,
  bounds: half.bounds.map(({ perms, covers }) => ({ perms: Mask.names(perms), covers }))
})

const grantView = (op: Op, asked: Asked, node: NodeRecord, { chain, mask, node: on }: DerivedGrant) => {
  const told = asked.own || Mask.has(op.standing.mask(on), SHARE)
  const names = chain.map((key) => identityPath(op, asked, key))
  const holder = names[names.length - 1]
  return {
    perms: Mask.names(mask),
    mask,
    inherited: on.key !== node.key,
    through: names.slice(1).filter((name) => name !== undefined),
    ...(told ? { node: op.path(on) } : undefined),
    ...(holder === undefined ? undefined : { identity: holder })
  }
}

const identityPath = (op: Op, asked: Asked, key: number): string | undefined => {
  const node = nodeByKey(op.graph, key)
  return node !== undefined && (asked.own || op.canRead(node)) ? op.path(node) : undefined
}
