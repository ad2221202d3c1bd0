import { EDIT, type K, type ParamsOf, PorticoError } from "@portico/schema"
import { authenticatedPath, everyonePath, identityInterface, memberOf } from "../schema/wellKnown.ts"
import type { Tx } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, nodeByPath, pathOf, rootKey } from "../store/nodes.ts"
import { hasChildren, subtreeOf } from "../store/tree.ts"
import { checkRev, requireEdit, violated, type WriteOp } from "./Op.ts"
import { refuseSchemaNode } from "./place.ts"
import { classOf } from "./types.ts"

/** Nodes that one call deletes at most. */
export const maxDeleted = 10_000

/** `X::delete`: EDIT. The node and what is below it go in one transaction, with every edge that touches them. */
export const remove = (op: WriteOp, self: NodeRecord, params: ParamsOf<typeof K.Node.delete>) => {
  const { graph } = op
  requireEdit(op, self)
  refuseSchemaNode(op, self, classOf(graph, self))
  checkRev(self, params.ifRev, pathOf(graph, self))
  const allowedBy = op.standing.allowedBy(self, EDIT)
  if (params.recursive !== true && hasChildren(graph, self.key)) {
    throw PorticoError.make("NOT_EMPTY", `${op.path(self)} has children`, { path: op.path(self) })
  }
  const keys = subtreeOf(graph, self.key, maxDeleted + 1)
  if (keys.length > maxDeleted) {
    throw PorticoError.make("LIMIT_EXCEEDED", `one call deletes at most ${maxDeleted} nodes`, {
      limit: "deleted",
      max: maxDeleted
    })
  }
  refuseBuiltIn(op, keys)
  for (const key of keys) op.record("delete", key, allowedBy)
  deleteNodes(graph, keys)
  return { deleted: keys.length }
}

/** What the first boot made and the kernel relies on. */
const refuseBuiltIn = (op: WriteOp, keys: ReadonlyArray<number>): void => {
  const doomed = new Set(keys)
  for (const path of [everyonePath, authenticatedPath]) {
    const { node } = nodeByPath(op.graph, path, path.slice(1).split("/"))
    if (doomed.has(rootKey) || (node !== undefined && doomed.has(node.key))) {
      violated(`${path} is built in`, { constraint: "builtIn" })
    }
  }
}

const touching = `FROM edges WHERE source IN (SELECT value FROM json_each(?1))
  OR target IN (SELECT value FROM json_each(?1))`

/** Whether masks or memberships hang on any of these nodes. */
const holdsPermissions = (tx: Tx, keys: ReadonlyArray<number>, list: string): boolean => {
  const memberOfKey = tx.schema.type(tx, memberOf)?.key ?? 0
  const found = tx.conn
    .prepare(`SELECT 1 AS one FROM (SELECT mask, class ${touching}) WHERE mask IS NOT NULL OR class = ?2 LIMIT 1`)
    .get(list, memberOfKey)
  return found !== undefined || keys.some((key) => isIdentity(tx, nodeByKey(tx, key)))
}

const isIdentity = (tx: Tx, node: NodeRecord | undefined): boolean =>
  node !== undefined && (tx.schema.typeByKey(tx, node.classKey)?.fits.has(identityInterface) ?? true)

/** Deletes nodes, all of a subtree, with every edge that touches them. */
export const deleteNodes = (tx: Tx, keys: ReadonlyArray<number>): void => {
  const list = JSON.stringify(keys)
  if (holdsPermissions(tx, keys, list)) tx.touchPerms()
  for (const key of keys) tx.touch(key)
  // Taken before anything is gone: a deletion is a commit, too.
  void tx.seq
  tx.conn.prepare(`DELETE ${touching}`).run(list)
  for (const table of ["node_uniques", "owned_folders"]) {
    tx.conn.prepare(`DELETE FROM ${table} WHERE node IN (SELECT value FROM json_each(?))`).run(list)
  }
  tx.conn.prepare("DELETE FROM nodes WHERE key IN (SELECT value FROM json_each(?))").run(list)
}
