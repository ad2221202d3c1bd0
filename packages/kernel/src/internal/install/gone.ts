import { deleteNodes } from "../ops/remove.ts"
import type { Tx } from "../store/Graph.ts"
import { nodeByKey } from "../store/nodes.ts"
import { hasTrash, noteClaim, trashTop } from "../store/trash.ts"

/** Removes schema nodes, and notes what is in the trash and can come back no more without them. */
export const deleteSchemaNodes = (tx: Tx, keys: ReadonlyArray<number>): void => {
  if (hasTrash(tx)) for (const key of keys) noteGone(tx, key)
  deleteNodes(tx, keys)
}

const noteGone = (tx: Tx, key: number): void => {
  const type = tx.schema.typeByKey(tx, key)
  if (type === undefined || type.kind === "interface") return
  const holders =
    type.kind === "class"
      ? tx.conn.prepare("SELECT key AS node FROM nodes WHERE class = ?").all(key)
      : tx.conn
          .prepare("SELECT source AS node FROM edges WHERE class = ? UNION SELECT target FROM edges WHERE class = ?")
          .all(key, key)
  for (const row of holders) {
    const node = nodeByKey(tx, Number(row.node))
    const top = node === undefined ? undefined : trashTop(tx, node)
    if (top !== undefined) noteClaim(tx, top, { kind: "class", node: key, name: type.ref, value: "" })
  }
}
