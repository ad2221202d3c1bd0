import { step } from "@portico/gate/database"
import type { Graph, Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { buildIndexes } from "./buildIndexes.ts"
import { buildWords } from "./buildWords.ts"

/** Goes up whenever what nodes are found by is written in another way. */
const version = 2

const select = "SELECT value FROM kernel_meta WHERE name = 'findable'"

/** Whether what nodes are found by has been written, for the nodes of an older version too. */
export const isFindable = (graph: Graph): boolean => Number(graph.conn.prepare(select).get()?.value) === version

/** Writes it for every node that there is. */
export function* makeFindable(tx: Tx): Parts<void> {
  // Of processes that start at once, one does it.
  if (!(yield* step(() => isFindable(tx)))) yield* writeFindable(tx)
}

/** The same, also where it has been written. */
export function* writeFindable(tx: Tx): Parts<void> {
  yield* buildIndexes(tx)
  yield* buildWords(tx)
  yield* step(() => {
    tx.conn.prepare("DELETE FROM kernel_meta WHERE name = 'findable'").run()
    tx.conn.prepare("INSERT INTO kernel_meta (name, value) VALUES ('findable', ?)").run(version)
    tx.touchSchema()
  })
}
