import { wordingOf } from "../query/words.ts"
import { schemaClasses } from "../schema/wellKnown.ts"
import type { Tx } from "../store/Graph.ts"
import { nodesOf } from "../store/nodes.ts"
import { dropAllWords, dropWords, putWords } from "../store/textIndex.ts"
import { instancesOf } from "./buildIndexes.ts"

/** Nodes that are looked at in one go. */
const page = 500

/** Writes down the words of every node anew, but of those that are part of a schema. */
export const buildWords = (tx: Tx): void => {
  dropAllWords(tx)
  const schema = new Set([...schemaClasses].map((ref) => tx.schema.type(tx, ref)?.key))
  for (let after = 0; ; ) {
    const nodes = nodesOf(tx, "key > ? ORDER BY key LIMIT ?", after, page)
    for (const node of nodes) {
      if (!schema.has(node.classKey)) putWords(tx, node.key, node.parent, wordingOf(node))
      after = node.key
    }
    if (nodes.length < page) return
  }
}

/** Writes down the words of a class's nodes anew, whose properties were changed behind their back. */
export const rebuildWords = (tx: Tx, classKey: number): void => {
  for (const node of instancesOf(tx, classKey)) {
    dropWords(tx, node.key)
    putWords(tx, node.key, node.parent, wordingOf(node))
  }
}
