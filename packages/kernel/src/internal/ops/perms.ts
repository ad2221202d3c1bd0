import { type K, Mask, type ParamsOf, READ, SHARE } from "@portico/schema"
import { grantOf, setGrant } from "../permission/grants.ts"
import { hasPerm, identityInterface } from "../schema/wellKnown.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { isOwn } from "./asked.ts"
import { defaultLimit } from "./children.ts"
import { type Op, permsParam, violated, type WriteOp } from "./Op.ts"
import { scan } from "./scan.ts"
import { classOf } from "./types.ts"

const hasPermKey = (graph: Graph): number => graph.schema.type(graph, hasPerm)?.key ?? 0

/** The node of a grant: the caller needs SHARE on it, and every bit that is granted or revoked. */
const sharedNode = (op: WriteOp, address: string, perms: number): NodeRecord => {
  const node = op.node(address, SHARE, "param")
  const lacking = perms & ~op.standing.mask(node)
  return lacking === 0 ? node : op.denied(node, lacking, "param")
}

const change = (
  op: WriteOp,
  self: NodeRecord,
  params: ParamsOf<typeof K.Identity.grantPerm>,
  name: "grant" | "revoke"
) => {
  const perms = permsParam(params.perms)
  const node = sharedNode(op, params.node, perms)
  const allowedBy = op.standing.allowedBy(node, SHARE | perms)
  const key = hasPermKey(op.graph)
  const before = grantOf(op.graph, self.key, node.key, key)
  const mask = name === "grant" ? before | perms : before & ~perms
  if (mask !== before) {
    setGrant(op.graph, self.key, node.key, key, mask)
    op.recordPermission(name, self, allowedBy, {
      edge: { class: key, target: node, slug: "" },
      masks: { before, after: mask }
    })
  }
  return { mask }
}

/** `I::grantPerm`: SHARE on the node, and only bits that the granter has. Answers the identity's own grant on it. */
export const grantPerm = (op: WriteOp, self: NodeRecord, params: ParamsOf<typeof K.Identity.grantPerm>) => {
  if (!classOf(op.graph, self).fits.has(identityInterface)) {
    violated(`${op.path(self)} is no identity`, { constraint: "ends", end: "identity" })
  }
  return change(op, self, params, "grant")
}

/** `I::revokePerm`. */
export const revokePerm = (op: WriteOp, self: NodeRecord, params: ParamsOf<typeof K.Identity.revokePerm>) =>
  change(op, self, params, "revoke")

const selectGrants = `SELECT target, mask FROM edges
  WHERE source = ? AND class = ? AND (target, slug) > (?, '') ORDER BY target LIMIT ?`

/**
 * `I::listPerms`: the identity's own grants. To others they are shown for nodes where the asker may manage grants, and
 * to the identity itself for the nodes that it may see.
 */
export const listPerms = (op: Op, self: NodeRecord, params: ParamsOf<typeof K.Identity.listPerms>) => {
  const { limit = defaultLimit } = params
  const scope = JSON.stringify(["listPerms", self.id])
  const needs = isOwn(op, self) ? READ : READ | SHARE
  const select = op.graph.conn.prepare(selectGrants)
  const key = hasPermKey(op.graph)
  const { items, next } = scan(
    Number(op.readCursor(scope, params.cursor)?.[0] ?? 0),
    limit,
    (after, count) => select.all(self.key, key, after, count),
    (row) => Number(row.target),
    (row) => {
      const node = nodeByKey(op.graph, Number(row.target))
      if (node === undefined || !Mask.has(op.standing.mask(node), needs)) return undefined
      return { node: node.id, path: op.path(node), mask: Number(row.mask) }
    }
  )
  return { grants: items, ...(next === undefined ? undefined : { next: op.signCursor(scope, [next]) }) }
}
