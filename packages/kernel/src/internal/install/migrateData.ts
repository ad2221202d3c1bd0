import { step } from "@portico/gate/database"
import { type DomainContract, PorticoError } from "@portico/schema"
import { askLater, claimUniques } from "../ops/uniques.ts"
import { isTitle } from "../query/words.ts"
import type { ClassType } from "../schema/types.ts"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { renameLists } from "../store/indexRows.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodesOf } from "../store/nodes.ts"
import { trashTop } from "../store/trash.ts"
import { forgetIndexes } from "./buildIndexes.ts"
import { rebuildWords } from "./buildWords.ts"
import { edgeChecksOf } from "./examineEdges.ts"
import { renameHistory } from "./renameHistory.ts"
import { type Reshape, reshapesOf, type Versions } from "./reshape.ts"
import { rewriteProps } from "./rewriteProps.ts"

/** Nodes that are looked at in one go. */
const page = 500

/**
 * Brings stored nodes and edges in line with a contract that was just written: their properties get their new keys,
 * lose what is gone and get what is new and required, and what became unique is checked to be.
 */
export function* migrateData(tx: Tx, versions: Versions): Parts<void> {
  const renamed: Array<number> = []
  const refilled: Array<ClassType> = []
  for (const reshape of reshapesOf(versions)) {
    const type = yield* step(() => tx.schema.type(tx, reshape.ref))
    if (type === undefined) continue
    yield* rewriteProps(tx, reshape, type.key)
    if ([...reshape.keys.values()].some((to) => to !== undefined)) renamed.push(type.key)
    if (type.kind !== "class") continue
    yield* refind(tx, reshape, type.key)
    if (reshape.filled.size > 0 && reshape.uniques.length > 0) refilled.push(type)
  }
  if (renamed.length > 0) yield* renameHistory(tx, renamed, versions.renames.keys)
  yield* renameUniques(tx, versions)
  for (const type of refilled) yield* claimAll(tx, type)
  yield* searchAnew(tx, versions)
  yield* step(() => turnEdges(tx, versions))
}

/** What nodes are found by, after their properties were changed behind its back. */
function* refind(tx: Tx, { filled, keys }: Reshape, classKey: number): Parts<void> {
  if (filled.size > 0) yield* step(() => forgetIndexes(tx, classKey))
  else yield* step(() => renameLists(tx, classKey, keys))
  if (filled.size > 0 || [...keys].some(([from, to]) => to === undefined || isTitle(from) !== isTitle(to))) {
    yield* rebuildWords(tx, classKey)
  }
}

/** The words of classes that say something else of searches than before. */
function* searchAnew(tx: Tx, { after, renames }: Versions): Parts<void> {
  const before = new Map(Object.values(renames.before.classes).map(({ ref, search }) => [ref, JSON.stringify(search)]))
  for (const { ref, search } of Object.values(after.classes)) {
    if (!before.has(ref) || before.get(ref) === JSON.stringify(search)) continue
    const type = yield* step(() => tx.schema.type(tx, ref))
    if (type !== undefined) yield* rebuildWords(tx, type.key)
  }
}

/** Claims that are kept under the names of their properties, and those that are new. */
function* renameUniques(tx: Tx, { after, before, renames }: Versions): Parts<void> {
  const old = new Map([...renames.refs].map(([from, to]) => [to, from]))
  const classesOf = ({ classes }: DomainContract) => new Map(Object.values(classes).map((type) => [type.ref, type]))
  const [was, renamed] = [classesOf(before), classesOf(renames.before)]
  for (const { ref, unique } of Object.values(after.classes)) {
    const lists = renamed.get(ref)?.unique
    if (lists === undefined) continue
    const names = was.get(old.get(ref) ?? ref)?.unique ?? []
    const info = yield* step(() => tx.schema.type(tx, ref))
    if (info?.kind !== "class") continue
    yield* step(() => {
      for (const [at, list] of lists.entries()) renameUnique(tx, info.key, names[at]?.join(",") ?? "", list.join(","))
    })
    if (JSON.stringify(lists) !== JSON.stringify(unique)) yield* claimAll(tx, info)
  }
}

const renameUnique = (tx: Tx, classKey: number, from: string, to: string): void => {
  if (from === to) return
  tx.conn.prepare("UPDATE node_uniques SET list = ? WHERE class = ? AND list = ?").run(to, classKey, from)
  tx.conn
    .prepare(
      `UPDATE trash_claims SET name = ? WHERE kind = 'unique' AND name = ?
       AND node IN (SELECT key FROM nodes WHERE class = ?)`
    )
    .run(to, from, classKey)
}

/** An edge that means the same both ways is kept from its end with the lower key. */
const turnEdges = (tx: Tx, versions: Versions): void => {
  for (const { contract, symmetric } of edgeChecksOf(versions)) {
    const type = symmetric ? tx.schema.type(tx, contract.ref) : undefined
    if (type === undefined) continue
    tx.conn
      .prepare("UPDATE edges SET source = target, target = source, rev = ? WHERE class = ? AND source > target")
      .run(tx.seq, type.key)
  }
}

/** Claims the unique values of all nodes of a class anew. */
export function* claimAll(tx: Tx, type: ClassType): Parts<void> {
  yield* step(() => void tx.conn.prepare("DELETE FROM node_uniques WHERE class = ?").run(type.key))
  for (let after = 0, more = true; more; ) {
    const from = after
    const nodes = yield* step(() => nodesOf(tx, "class = ? AND key > ? ORDER BY key LIMIT ?", type.key, from, page))
    for (const node of nodes) yield* step(() => claim(tx, type, node))
    after = nodes[nodes.length - 1]?.key ?? 0
    more = nodes.length === page
  }
}

const claim = (tx: Tx, type: ClassType, node: NodeRecord): void => {
  const top = trashTop(tx, node)
  if (top !== undefined) {
    askLater(tx, type, node, top)
    return
  }
  try {
    claimUniques(tx, type, node, node.props, true)
  } catch (refusal) {
    if (!(refusal instanceof PorticoError)) throw refusal
    throw PorticoError.make("SCHEMA_CONFLICT", `stored nodes break a new constraint: ${refusal.message}`, {
      class: type.ref
    })
  }
}
