import { K } from "@portico/schema"
import { groupsOf } from "../permission/grants.ts"
import { memberOf } from "../schema/wellKnown.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { isInTree, nodeById } from "../store/places.ts"
import type { Op } from "./Op.ts"
import { classOf } from "./types.ts"

const nobody = { id: null, path: null, class: null, name: null, groups: [] }

/** `Identity:whoami`: the caller, or for a function that acts by itself, the function. Nobody needs READ on oneself. */
export const whoami = (op: Op) => {
  const { graph } = op
  const half = op.authority.halves.find(({ kind }) => kind === "caller") ?? op.authority.halves[0]
  const node = half === undefined || half.identity === null ? undefined : nodeById(graph, half.identity)
  if (node === undefined) return nobody
  const name = node.props[K.Named.name.key]
  return {
    id: node.id,
    path: op.path(node),
    class: classOf(graph, node).ref,
    name: typeof name === "string" ? name : null,
    groups: ownGroups(op, node).map((group) => ({ id: group.id, path: op.path(group) }))
  }
}

/** The groups and roles that an identity is itself a member of. */
const ownGroups = (op: Op, node: NodeRecord): ReadonlyArray<NodeRecord> => {
  const { graph } = op
  const key = graph.schema.type(graph, memberOf)?.key ?? 0
  return groupsOf(graph, node.key, key)
    .flatMap((group) => nodeByKey(graph, group) ?? [])
    .filter((group) => isInTree(graph, group))
}
