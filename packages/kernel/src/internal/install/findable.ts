import type { Graph, Tx } from "../store/Graph.ts"
import { buildIndexes } from "./buildIndexes.ts"
import { buildWords } from "./buildWords.ts"

/** Goes up whenever what nodes are found by is written in another way. */
const version = 2

const select = "SELECT value FROM kernel_meta WHERE name = 'findable'"

/** Whether what nodes are found by has been written, for the nodes of an older version too. */
export const isFindable = (graph: Graph): boolean => Number(graph.conn.prepare(select).get()?.value) === version

/** Writes it for every node that there is. */
export const makeFindable = (tx: Tx): void => {
  buildIndexes(tx)
  buildWords(tx)
  tx.conn.prepare("DELETE FROM kernel_meta WHERE name = 'findable'").run()
  tx.conn.prepare("INSERT INTO kernel_meta (name, value) VALUES ('findable', ?)").run(version)
  tx.touchSchema()
}
