import { step } from "@portico/gate/database"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { indexedClasses } from "./buildIndexes.ts"
import { writeFindable } from "./findable.ts"
import { claimAll } from "./migrateData.ts"

/** Writes everything anew that follows from nodes and edges: marks, unique values, indexes and words. */
export function* rebuild(tx: Tx): Parts<void> {
  yield* step(() => {
    tx.touchSchema()
    tx.touchTree()
    tx.touchPerms()
    tx.conn.exec("UPDATE nodes SET holds = 1 WHERE holds = 0 AND key IN (SELECT parent FROM nodes)")
    tx.conn.exec(
      "UPDATE nodes SET granted = 1 WHERE granted = 0 AND key IN (SELECT target FROM edges WHERE mask IS NOT NULL)"
    )
    for (const table of ["node_index", "indexed_lists", "node_uniques"]) tx.conn.exec(`DELETE FROM ${table}`)
  })
  for (const type of yield* step(() => indexedClasses(tx))) {
    if (type.contract.unique.length > 0) yield* claimAll(tx, type)
  }
  yield* writeFindable(tx)
}
