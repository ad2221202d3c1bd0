import type { Tx } from "../store/Graph.ts"
import { indexedClasses } from "./buildIndexes.ts"
import { makeFindable } from "./findable.ts"
import { claimAll } from "./migrateData.ts"

/** Writes everything anew that follows from nodes and edges: marks, unique values, indexes and words. */
export const rebuild = (tx: Tx): void => {
  tx.touchSchema()
  tx.touchTree()
  tx.touchPerms()
  tx.conn.exec("UPDATE nodes SET holds = 1 WHERE holds = 0 AND key IN (SELECT parent FROM nodes)")
  tx.conn.exec(
    "UPDATE nodes SET granted = 1 WHERE granted = 0 AND key IN (SELECT target FROM edges WHERE mask IS NOT NULL)"
  )
  for (const table of ["node_index", "indexed_lists", "node_uniques"]) tx.conn.exec(`DELETE FROM ${table}`)
  for (const type of indexedClasses(tx)) if (type.contract.unique.length > 0) claimAll(tx, type)
  makeFindable(tx)
}
