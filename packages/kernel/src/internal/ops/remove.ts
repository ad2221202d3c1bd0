import { EDIT, type K, type ParamsOf, PorticoError } from "@portico/schema"
import { identityInterface, memberOf } from "../schema/wellKnown.ts"
import { type Author, standpointOf, writeChange } from "../store/changes.ts"
import type { Tx } from "../store/Graph.ts"
import { dropFromIndexes } from "../store/indexRows.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodesByKey, pathOf, placeNode, trashKey } from "../store/nodes.ts"
import type { Sql } from "../store/sql.ts"
import { insertTrash } from "../store/trash.ts"
import { hasChildren, subtreeOf } from "../store/tree.ts"
import { refuseBuiltIn } from "./builtIn.ts"
import { leftShort } from "./leftShort.ts"
import { checkRev, requireEdit, type WriteOp } from "./Op.ts"
import { refuseSchemaNode } from "./place.ts"
import { classOf } from "./types.ts"

/** Nodes that a delete counts at most, since its time must not depend on how many there are. */
export const countedDeleted = 1_000

/**
 * `X::delete`: EDIT. The node leaves the tree and what is below it hangs there as before: one row is written, however
 * much that is. The edges stay, too, seen by nobody.
 */
export const remove = (op: WriteOp, self: NodeRecord, params: ParamsOf<typeof K.Node.delete>) => {
  const { graph } = op
  requireEdit(op, self)
  refuseSchemaNode(op, self, classOf(graph, self))
  checkRev(self, params.ifRev, pathOf(graph, self))
  if (params.recursive !== true && hasChildren(graph, self.key)) {
    throw PorticoError.make("NOT_EMPTY", `${op.path(self)} has children`, { path: op.path(self) })
  }
  refuseBuiltIn(op, self)
  const counted = subtreeOf(graph, self.key, countedDeleted + 1).length
  const { actor, via } = op.authority
  const checkRest = leftShort(graph, self)
  throwAway(graph, self, { actor, via, half: op.standing.allowedBy(self, EDIT) })
  op.inTheEnd(checkRest)
  return counted <= countedDeleted ? { deleted: counted } : { deleted: countedDeleted, more: true }
}

/** Puts a node into the trash, with whatever is below it. */
export const throwAway = (graph: Tx, self: NodeRecord, by: Author): void => {
  const from = standpointOf(graph, self)
  const classRef = classOf(graph, self).ref
  const { id, key: node, parent, slug } = self
  insertTrash(graph, {
    node,
    id,
    parent,
    slug,
    path: from.path,
    class: classRef,
    seq: graph.seq,
    deletedAt: graph.now,
    actor: by.actor
  })
  // The id is a slug that nothing else in the trash has.
  writeChange(graph, { op: "delete", node: placeNode(graph, self, trashKey, id), from }, by)
}

const touching = ({ numbers }: Sql) => `FROM edges WHERE source IN ${numbers("?1")} OR target IN ${numbers("?1")}`

/** Whether masks or memberships hang on any of these nodes. */
const holdsPermissions = (tx: Tx, nodes: ReadonlyArray<NodeRecord>, list: string): boolean => {
  const memberOfKey = tx.schema.type(tx, memberOf)?.key ?? 0
  const found = tx.conn
    .prepare(
      `SELECT 1 AS one FROM (SELECT mask, class ${touching(tx.sql)}) AS touching WHERE mask IS NOT NULL OR class = ?2 LIMIT 1`
    )
    .get(list, memberOfKey)
  return found !== undefined || nodes.some((node) => isIdentity(tx, node))
}

const isIdentity = (tx: Tx, node: NodeRecord): boolean =>
  tx.schema.typeByKey(tx, node.classKey)?.fits.has(identityInterface) ?? true

/** Deletes nodes for good, all of a subtree, with every edge that touches them. */
export const deleteNodes = (tx: Tx, keys: ReadonlyArray<number>): void => {
  const list = JSON.stringify(keys)
  const nodes = nodesByKey(tx, keys)
  if (holdsPermissions(tx, nodes, list)) tx.touchPerms()
  for (const node of nodes) {
    dropFromIndexes(tx, node)
    tx.touch(node.key)
  }
  // Taken before anything is gone: a deletion is a commit, too.
  void tx.seq
  tx.conn.prepare(`DELETE ${touching(tx.sql)}`).run(list)
  for (const table of ["node_uniques", "owned_folders"]) {
    tx.conn.prepare(`DELETE FROM ${table} WHERE node IN ${tx.sql.numbers("?")}`).run(list)
  }
  tx.conn.prepare(`DELETE FROM nodes WHERE key IN ${tx.sql.numbers("?")}`).run(list)
}
