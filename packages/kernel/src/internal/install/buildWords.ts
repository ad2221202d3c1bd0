import { step } from "@portico/gate/database"
import { wordingIn } from "../query/words.ts"
import { schemaClasses } from "../schema/wellKnown.ts"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodesOf } from "../store/nodes.ts"
import { dropAllWords, dropWordsOf, putAllWords, type Worded } from "../store/textIndex.ts"
import { eachPage } from "./buildIndexes.ts"

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
      putAllWords(
        tx,
        wordedOf(
          tx,
          found.filter(({ classKey }) => !schema.has(classKey))
        )
      )
      return found
    })
    after = nodes[nodes.length - 1]?.key ?? 0
    more = nodes.length === page
  }
}

/** Writes down the words of a class's nodes anew, whose properties were changed behind their back. */
export function* rebuildWords(tx: Tx, classKey: number): Parts<void> {
  yield* eachPage(tx, classKey, page, (nodes) => {
    dropWordsOf(
      tx,
      nodes.map(({ key }) => key)
    )
    putAllWords(tx, wordedOf(tx, nodes))
  })
}

const wordedOf = (tx: Tx, nodes: ReadonlyArray<NodeRecord>): ReadonlyArray<Worded> =>
  nodes.map((node) => ({ node: node.key, parent: node.parent, wording: wordingIn(tx, node) }))
