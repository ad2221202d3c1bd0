import { step } from "@portico/gate/database"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { renameKeys } from "./rewriteProps.ts"

/** Changes that are looked at in one go. */
const page = 1_000

/**
 * Changes that nodes and edges of some classes went through, under the new keys of their properties: what is told of
 * them is compared with props as they are now, and put back by `restore`.
 */
export function* renameHistory(tx: Tx, classes: ReadonlyArray<number>, keys: ReadonlyMap<string, string>): Parts<void> {
  const select = `SELECT number, before, after FROM node_changes
    WHERE number > ? AND COALESCE(class, node_class) IN ${tx.sql.numbers("?")}
      AND (before IS NOT NULL OR after IS NOT NULL) ORDER BY number LIMIT ?`
  const among = JSON.stringify(classes)
  for (let after = 0, more = true; more; ) {
    const from = after
    const rows = yield* step(() => {
      const found = tx.conn.prepare(select).all(from, among, page)
      for (const column of ["before", "after"] as const) {
        const changed = found.flatMap(({ number, [column]: text }) => {
          const renamed = text === null || text === undefined ? undefined : renameKeys(String(text), keys)
          return renamed === undefined ? [] : [[Number(number), renamed]]
        })
        if (changed.length === 0) continue
        tx.conn
          .prepare(
            `UPDATE node_changes SET ${column} = pairs.text FROM ${tx.sql.pairs("?")} AS pairs
             WHERE node_changes.number = pairs.key`
          )
          .run(JSON.stringify(changed))
      }
      return found
    })
    after = Number(rows.at(-1)?.number ?? 0)
    more = rows.length === page
  }
}
