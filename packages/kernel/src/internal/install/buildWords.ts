import { step } from "@portico/gate/database"
import { wordingIn } from "../query/words.ts"
import { schemaClasses } from "../schema/wellKnown.ts"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { nodesOf } from "../store/nodes.ts"
import { dropAllWords, dropWords, putWords } from "../store/textIndex.ts"
import { eachInstance } from "./buildIndexes.ts"

/** Nodes that are looked at in one go. */
const page = 500

/** Writes down the words of every node anew, but of those that are part of a schema. */
export function* buildWords(tx: Tx): Parts<void> {
  yield* step(() => dropAllWords(tx))
  const schema = yield* step(() => new Set([...schemaClasses].map((ref) => tx.schema.type(tx, ref)?.key)))
  for (let after = 0, more = true; more; ) {
    const from = after
    const nodes = yield* step(() => {
      const found = nodesOf(tx, "key > ? ORDER BY key LIMIT ?", from, page)
      for (const node of found) {
        if (!schema.has(node.classKey)) putWords(tx, node.key, node.parent, wordingIn(tx, node))
      }
      return found
    })
    after = nodes[nodes.length - 1]?.key ?? 0
    more = nodes.length === page
  }
}

/** Writes down the words of a class's nodes anew, whose properties were changed behind their back. */
export function* rebuildWords(tx: Tx, classKey: number): Parts<void> {
  yield* eachInstance(tx, classKey, (node) => {
    dropWords(tx, node.key)
    putWords(tx, node.key, node.parent, wordingIn(tx, node))
  })
}
