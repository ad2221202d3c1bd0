import { step } from "@portico/gate/database"
import type { ClassType } from "../schema/types.ts"
import type { Graph, Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { addToIndex, wantedLists } from "../store/indexRows.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodesOf, trashKey } from "../store/nodes.ts"

/** Nodes that are looked at in one go. */
const page = 500

const selectOrigins = "SELECT origin FROM installed_domains ORDER BY origin"
const selectLists = "SELECT id, class, props FROM indexed_lists"
const insertList = "INSERT INTO indexed_lists (id, class, props) VALUES (?, ?, ?)"

/** Every installed class that declares `indexes` or `unique`. */
export const indexedClasses = (graph: Graph): ReadonlyArray<ClassType> =>
  graph.conn
    .prepare(selectOrigins)
    .all()
    .flatMap(({ origin }) => {
      const classes = graph.schema.domain(graph, String(origin))?.schema.classes ?? {}
      return Object.values(classes)
        .filter(({ indexes, unique }) => indexes.length > 0 || unique.length > 0)
        .flatMap(({ ref }) => graph.schema.type(graph, ref) ?? [])
    })
    .filter((type) => type.kind === "class")

/** Builds the indexes that installed classes declare and that are not there yet; drops those that none declares. */
export function* buildIndexes(tx: Tx): Parts<void> {
  const obsolete = new Map<string, number>()
  let last = 0
  for (const row of yield* step(() => tx.conn.prepare(selectLists).all())) {
    obsolete.set(`${row.class} ${row.props}`, Number(row.id))
    last = Math.max(last, Number(row.id))
  }
  for (const type of yield* step(() => indexedClasses(tx))) {
    for (const [name, keys] of wantedLists(type)) {
      if (obsolete.delete(`${type.key} ${name}`)) continue
      const list = { id: ++last, keys }
      yield* step(() => void tx.conn.prepare(insertList).run(list.id, type.key, name))
      yield* eachInstance(tx, type.key, (node) => addToIndex(tx, list, node))
    }
  }
  yield* step(() => {
    for (const id of obsolete.values()) {
      tx.conn.prepare("DELETE FROM indexed_lists WHERE id = ?").run(id)
      tx.conn.prepare("DELETE FROM node_index WHERE list = ?").run(id)
    }
  })
}

/** Drops the indexes of a class, whose properties were changed behind their back; {@link buildIndexes} makes them anew. */
export const forgetIndexes = (tx: Tx, classKey: number): void => {
  tx.conn.prepare("DELETE FROM node_index WHERE list IN (SELECT id FROM indexed_lists WHERE class = ?)").run(classKey)
  tx.conn.prepare("DELETE FROM indexed_lists WHERE class = ?").run(classKey)
}

/** Does something to each node of a class, those in the trash too, a page at a time. */
export function* eachInstance(graph: Graph, classKey: number, visit: (node: NodeRecord) => void): Parts<void> {
  yield* eachPage(graph, classKey, page, (nodes) => nodes.forEach(visit))
}

/** The nodes of a class, a page at a time: `visit` runs in the step that reads them, `then` says whether to go on. */
export function* eachPage<A>(
  graph: Graph,
  classKey: number,
  size: number,
  visit: (nodes: ReadonlyArray<NodeRecord>) => A,
  then: (visited: A) => boolean = () => true
): Parts<void> {
  // Below what is the parent of everything in the trash, which has its place in the indexes as well.
  let after: readonly [parent: number, slug: string] = [trashKey - 1, ""]
  for (;;) {
    const from = after
    const { nodes, visited } = yield* step(() => {
      const found = nodesOf(graph, behindPlace, classKey, ...from, size)
      return { nodes: found, visited: visit(found) }
    })
    const end = nodes[nodes.length - 1]
    if (!then(visited) || nodes.length < size || end === undefined) return
    after = [end.parent, end.slug]
  }
}

const behindPlace = "class = ? AND (parent, slug) > (?, ?) ORDER BY parent, slug LIMIT ?"
