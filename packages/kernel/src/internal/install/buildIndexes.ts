import type { ClassType } from "../schema/types.ts"
import type { Graph, Tx } from "../store/Graph.ts"
import { addToIndex, wantedLists } from "../store/indexRows.ts"
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
      const classes = graph.schema.domain(graph, String(origin))?.bundle.contract.classes ?? {}
      return Object.values(classes)
        .filter(({ indexes, unique }) => indexes.length > 0 || unique.length > 0)
        .flatMap(({ ref }) => graph.schema.type(graph, ref) ?? [])
    })
    .filter((type) => type.kind === "class")

/** Builds the indexes that installed classes declare and that are not there yet; drops those that none declares. */
export const buildIndexes = (tx: Tx): void => {
  const obsolete = new Map<string, number>()
  let last = 0
  for (const row of tx.conn.prepare(selectLists).all()) {
    obsolete.set(`${row.class} ${row.props}`, Number(row.id))
    last = Math.max(last, Number(row.id))
  }
  for (const type of indexedClasses(tx)) {
    for (const [name, keys] of wantedLists(type)) {
      if (obsolete.delete(`${type.key} ${name}`)) continue
      const list = { id: ++last, keys }
      tx.conn.prepare(insertList).run(list.id, type.key, name)
      for (const node of instancesOf(tx, type.key)) addToIndex(tx, list, node)
    }
  }
  for (const id of obsolete.values()) {
    tx.conn.prepare("DELETE FROM indexed_lists WHERE id = ?").run(id)
    tx.conn.prepare("DELETE FROM node_index WHERE list = ?").run(id)
  }
}

/** Drops the indexes of a class, whose properties were changed behind their back; {@link buildIndexes} makes them anew. */
export const forgetIndexes = (tx: Tx, classKey: number): void => {
  tx.conn.prepare("DELETE FROM node_index WHERE list IN (SELECT id FROM indexed_lists WHERE class = ?)").run(classKey)
  tx.conn.prepare("DELETE FROM indexed_lists WHERE class = ?").run(classKey)
}

/** Every node of a class, those in the trash too. */
export function* instancesOf(tx: Tx, classKey: number) {
  // Below what is the parent of everything in the trash, which has its place in the indexes as well.
  let after: readonly [parent: number, slug: string] = [trashKey - 1, ""]
  for (;;) {
    const nodes = nodesOf(
      tx,
      "class = ? AND (parent, slug) > (?, ?) ORDER BY parent, slug LIMIT ?",
      classKey,
      ...after,
      page
    )
    yield* nodes
    const end = nodes[nodes.length - 1]
    if (nodes.length < page || end === undefined) return
    after = [end.parent, end.slug]
  }
}
