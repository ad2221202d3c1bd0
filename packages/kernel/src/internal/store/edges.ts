import type { Row } from "@portico/gate/database"
import type { Json } from "@portico/schema"
import type { Graph, Tx } from "./Graph.ts"
import type { Props } from "./nodes.ts"

/** A row of `edges`. */
export interface EdgeRecord {
  readonly key: number
  /** Keys of the edge class's node and of the two ends. */
  readonly classKey: number
  readonly source: number
  readonly target: number
  /** Empty where the edge has none. */
  readonly slug: string
  /** Set for has_perm only. */
  readonly mask: number | null
  readonly rev: number
  readonly props: Readonly<Record<string, Json>>
}

/** What identifies an edge. */
export type EdgeId = Pick<EdgeRecord, "classKey" | "source" | "target" | "slug">

const noProps: Props = Object.freeze({})

/** The props of an edge: most have none. */
export const edgeProps = (text: string): Props =>
  // Boundary: written by us, from props.
  text === "{}" ? noProps : (JSON.parse(text) as Props)

export const edgeColumns = "key, class, source, target, slug, mask, rev, props"

/** A row of `edges`, its props as text. */
export interface EdgeRow {
  readonly key: number
  readonly class: number
  readonly source: number
  readonly target: number
  readonly slug: string
  readonly mask: number | null
  readonly rev: number
  readonly props: string
}

export const edgeOf = (input: Row): EdgeRecord => {
  // Boundary: STRICT tables give exactly these types. Taken one by one, as that is many times faster than a spread.
  const row = input as unknown as EdgeRow
  return {
    key: row.key,
    classKey: row.class,
    source: row.source,
    target: row.target,
    slug: row.slug,
    mask: row.mask,
    rev: row.rev,
    props: edgeProps(row.props)
  }
}

/** The edge with this identity, if there is one. */
export const findEdge = (graph: Graph, id: EdgeId): EdgeRecord | undefined => {
  const row = graph.conn
    .prepare(`SELECT ${edgeColumns} FROM edges WHERE source = ? AND class = ? AND target = ? AND slug = ?`)
    .get(id.source, id.classKey, id.target, id.slug)
  return row === undefined ? undefined : edgeOf(row)
}

/** Any edge of a class between two nodes, whatever its slug. */
export const anyEdge = (graph: Graph, classKey: number, source: number, target: number): boolean =>
  graph.conn
    .prepare("SELECT 1 AS one FROM edges WHERE source = ? AND class = ? AND target = ? LIMIT 1")
    .get(source, classKey, target) !== undefined

/** How many edges of a class start (`out`) or end (`in`) at a node, counted up to `most`. */
export const countEdges = (graph: Graph, classKey: number, node: number, side: "out" | "in", most: number): number => {
  const column = side === "out" ? "source" : "target"
  const row = graph.conn
    .prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM edges WHERE ${column} = ? AND class = ? LIMIT ?) AS counted`)
    .get(node, classKey, most)
  return Number(row?.n)
}

/** An edge, seen from one of its nodes. */
export interface EdgeEnd {
  readonly edge: number
  /** The node at the other end. */
  readonly other: number
}

const endPage = 200

/** The edges of a class that start (`out`) or end (`in`) at a node, read as they are wanted; at most `limit`. */
export function* edgesAt(
  graph: Graph,
  classKey: number,
  node: number,
  side: "out" | "in",
  limit: number
): Generator<EdgeEnd> {
  const [near, far] = side === "out" ? ["source", "target"] : ["target", "source"]
  const select = graph.conn.prepare(
    `SELECT key AS edge, ${far} AS other, slug FROM edges WHERE ${near} = ? AND class = ? AND (${far}, slug) > (?, ?)
     ORDER BY ${far}, slug LIMIT ?`
  )
  let after: readonly [number, string] = [0, ""]
  for (let left = limit; left > 0; left -= endPage) {
    const rows = select.all(node, classKey, ...after, Math.min(left, endPage))
    for (const row of rows) {
      yield { edge: Number(row.edge), other: Number(row.other) }
      after = [Number(row.other), String(row.slug)]
    }
    if (rows.length < endPage) return
  }
}

/** The edge with this key. */
export const edgeByKey = (graph: Graph, key: number): EdgeRecord | undefined => {
  const row = graph.conn.prepare(`SELECT ${edgeColumns} FROM edges WHERE key = ?`).get(key)
  return row === undefined ? undefined : edgeOf(row)
}

/** Makes an edge that is known not to exist. */
export const insertEdge = (tx: Tx, id: EdgeId, propsText: string): void => {
  tx.conn
    .prepare("INSERT INTO edges (class, source, target, slug, rev, props) VALUES (?, ?, ?, ?, ?, ?)")
    .run(id.classKey, id.source, id.target, id.slug, tx.seq, propsText)
}

/** Gives an edge other props. */
export const updateEdge = (tx: Tx, key: number, propsText: string): void => {
  tx.conn.prepare("UPDATE edges SET props = ?, rev = ? WHERE key = ?").run(propsText, tx.seq, key)
}

export const deleteEdge = (tx: Tx, key: number): void => {
  tx.conn.prepare("DELETE FROM edges WHERE key = ?").run(key)
}

/** The edges of a class that start at a node, at most `limit`. */
export const edgesFrom = (graph: Graph, classKey: number, source: number, limit: number): ReadonlyArray<EdgeRecord> =>
  graph.conn
    .prepare(`SELECT ${edgeColumns} FROM edges WHERE source = ? AND class = ? ORDER BY target, slug LIMIT ?`)
    .all(source, classKey, limit)
    .map(edgeOf)

/** The edges that start at one of some nodes, in no order, at most `limit`. */
export const edgesFromAny = (graph: Graph, sources: ReadonlyArray<number>, limit: number): ReadonlyArray<EdgeRecord> =>
  graph.conn
    .prepare(`SELECT ${edgeColumns} FROM edges WHERE source IN ${graph.sql.numbers("?")} LIMIT ?`)
    .all(JSON.stringify(sources), limit)
    .map(edgeOf)

/** The edges that start at a node, in order behind a place, at most `limit`. */
export const edgesBehind = (
  graph: Graph,
  source: number,
  after: Pick<EdgeRecord, "classKey" | "target" | "slug">,
  limit: number
): ReadonlyArray<EdgeRecord> =>
  graph.conn
    .prepare(
      `SELECT ${edgeColumns} FROM edges WHERE source = ? AND (class, target, slug) > (?, ?, ?)
       ORDER BY class, target, slug LIMIT ?`
    )
    .all(source, after.classKey, after.target, after.slug, limit)
    .map(edgeOf)
