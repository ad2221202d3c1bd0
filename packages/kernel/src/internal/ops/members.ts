import { type K, type ParamsOf, READ, SHARE } from "@portico/schema"
import { identityInterface, memberOf } from "../schema/wellKnown.ts"
import { deleteEdge, findEdge, insertEdge } from "../store/edges.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { defaultLimit } from "./children.ts"
import { type Op, violated, type WriteOp } from "./Op.ts"
import { scan } from "./scan.ts"
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
  op.recordPermission("addMember", member, allowedBy, { edge: { class: id.classKey, target: self, slug: "" } })
  return { added: true }
}

/** `G::removeMember`. */
export const removeMember = (op: WriteOp, self: NodeRecord, params: { readonly member: string }) => {
  const { member, id } = membership(op, self, params.member)
  const edge = findEdge(op.graph, id)
  if (edge === undefined) return { removed: false }
  const allowedBy = op.standing.allowedBy(self, SHARE)
  op.graph.touchPerms()
  op.recordPermission("removeMember", member, allowedBy, { edge: { class: id.classKey, target: self, slug: "" } })
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
  const key = memberOfKey(op.graph)
  const { items, next } = scan(
    Number(op.readCursor(scope, params.cursor)?.[0] ?? 0),
    limit,
    (after, count) => select.all(self.key, key, after, count),
    (row) => Number(row.source),
    (row) => {
      const node = nodeByKey(op.graph, Number(row.source))
      if (node === undefined || !op.canRead(node)) return undefined
      return { id: node.id, path: op.path(node), class: classOf(op.graph, node).ref }
    }
  )
  return { members: items, ...(next === undefined ? undefined : { next: op.signCursor(scope, [next]) }) }
}
