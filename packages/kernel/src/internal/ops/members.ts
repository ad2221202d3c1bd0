import { type K, type ParamsOf, READ, SHARE } from "@portico/schema"
import { identityInterface, memberOf } from "../schema/wellKnown.ts"
import { deleteEdge, findEdge, insertEdge } from "../store/edges.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { defaultLimit } from "./children.ts"
import { type Op, violated, type WriteOp } from "./Op.ts"
import { classOf } from "./types.ts"

const memberOfKey = (graph: Graph): number => graph.schema.type(graph, memberOf)?.key ?? 0

interface Membership {
  readonly member: NodeRecord
  readonly id: { readonly classKey: number; readonly source: number; readonly target: number; readonly slug: "" }
}

/** SHARE on the group, READ on the member. */
const membership = (op: WriteOp, group: NodeRecord, address: string): Membership => {
  op.require({ text: op.path(group), node: group, nearest: group }, SHARE, "resource")
  const member = op.node(address, READ, "param")
  return { member, id: { classKey: memberOfKey(op.graph), source: member.key, target: group.key, slug: "" } }
}

/** `G::addMember`. Groups may be members of groups, also in a circle. */
export const addMember = (op: WriteOp, self: NodeRecord, params: { readonly member: string }) => {
  const { member, id } = membership(op, self, params.member)
  if (!classOf(op.graph, member).fits.has(identityInterface)) {
    violated(`${op.path(member)} is no identity`, { constraint: "ends", end: "member" })
  }
  if (findEdge(op.graph, id) !== undefined) return { added: false }
  const allowedBy = op.standing.allowedBy(self, SHARE)
  op.graph.touchPerms()
  insertEdge(op.graph, id, "{}")
  op.record("addMember", member.key, allowedBy, { class: id.classKey, target: self.key })
  return { added: true }
}

/** `G::removeMember`. */
export const removeMember = (op: WriteOp, self: NodeRecord, params: { readonly member: string }) => {
  const { member, id } = membership(op, self, params.member)
  const edge = findEdge(op.graph, id)
  if (edge === undefined) return { removed: false }
  const allowedBy = op.standing.allowedBy(self, SHARE)
  op.graph.touchPerms()
  op.record("removeMember", member.key, allowedBy, { class: id.classKey, target: self.key })
  deleteEdge(op.graph, edge.key)
  return { removed: true }
}

const selectMembers = `SELECT source FROM edges
  WHERE target = ? AND class = ? AND source > ? ORDER BY source LIMIT ?`

/** `G::listMembers`: the direct members that the caller may READ. */
export const listMembers = (op: Op, self: NodeRecord, params: ParamsOf<typeof K.Group.listMembers>) => {
  const { limit = defaultLimit } = params
  const scope = JSON.stringify(["listMembers", self.id])
  const select = op.graph.conn.prepare(selectMembers)
  const members: Array<{ readonly id: string; readonly path: string; readonly class: string }> = []
  let after = Number(op.readCursor(scope, params.cursor)?.[0] ?? 0)
  for (let more = true; more; ) {
    const rows = select.all(self.key, memberOfKey(op.graph), after, limit + 1)
    more = rows.length > limit
    for (const row of rows) {
      const node = nodeByKey(op.graph, Number(row.source))
      const shown = node !== undefined && op.canRead(node)
      if (shown && members.length === limit) return { members, next: op.signCursor(scope, [after]) }
      if (shown) members.push({ id: node.id, path: op.path(node), class: classOf(op.graph, node).ref })
      after = Number(row.source)
    }
  }
  return { members }
}
