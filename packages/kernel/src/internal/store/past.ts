import { parentIn } from "./changes.ts"
import type { Graph } from "./Graph.ts"

/** What history tells of a node between a change and now. */
export interface Past {
  /** Whether it was not in the tree: made since, or in the trash and back since. */
  readonly absent: boolean
  /** The text of its props then; undefined where it is that of now. */
  readonly props: string | undefined
  /** Key of its parent, and its slug; undefined where they are those of now. */
  readonly place: { readonly parent: number; readonly slug: string } | undefined
}

interface OwnRow {
  readonly number: number
  readonly node: number
  readonly op: string
  readonly before: string | null
  readonly path: string | null
  readonly fromPath: string | null
  readonly fromAbove: string | null
}

const lastSlug = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** Of each of these nodes that changed since, what it was just after the change with this number. */
export const pastOf = (graph: Graph, keys: ReadonlyArray<number>, number: number): ReadonlyMap<number, Past> => {
  const rows = graph.conn
    .prepare(
      `SELECT number, node, op, before, path, from_path AS "fromPath", from_above AS "fromAbove" FROM node_changes
       WHERE node IN ${graph.sql.numbers("?")} AND class IS NULL AND number > ? ORDER BY number`
    )
    // Boundary: STRICT tables give exactly these types.
    .all(JSON.stringify(keys), number) as unknown as ReadonlyArray<OwnRow>
  return new Map(
    [...Map.groupBy(rows, ({ node }) => node)].map(([node, own]) => {
      const move = own.find(({ fromAbove }) => fromAbove !== null)
      return [
        node,
        {
          absent: own.some(({ op }) => op === "create") || (move !== undefined && cameBack(graph, move, number)),
          props: own.find(({ before }) => before !== null)?.before ?? undefined,
          place: move && { parent: parentIn(move.fromAbove ?? ""), slug: lastSlug(move.fromPath ?? "") }
        }
      ]
    })
  )
}

/** Whether a first change of place took the node out of the trash: both that and a way back within the tree are restores. */
const cameBack = (graph: Graph, { before, fromPath, node, op, path }: OwnRow, number: number): boolean => {
  if (op !== "restore") return false
  const last = graph.conn
    .prepare(
      `SELECT op FROM node_changes WHERE node = ? AND number <= ? AND class IS NULL AND op <> 'update'
       ORDER BY number DESC LIMIT 1`
    )
    .get(node, number)
  // Where history is too short to say, a restore that changed nothing else can only have been one from the trash.
  return last === undefined ? path === fromPath && before === null : last.op === "delete"
}

/**
 * Nodes by the key of the parent that they were under just after the change with this number and left since, of the whole
 * store; undefined if more than `budget` changes of place would have to be looked at.
 */
export const leftSince = (
  graph: Graph,
  number: number,
  budget: number
): ReadonlyMap<number, ReadonlyArray<number>> | undefined => {
  const rows = graph.conn
    .prepare(
      "SELECT node, from_above FROM node_changes WHERE number > ? AND from_above IS NOT NULL ORDER BY number LIMIT ?"
    )
    .all(number, budget + 1)
  if (rows.length > budget) return undefined
  const parents = new Map<number, number>()
  for (const { from_above: above, node } of rows) {
    if (!parents.has(Number(node))) parents.set(Number(node), parentIn(String(above)))
  }
  return new Map(
    [...Map.groupBy(parents, ([, parent]) => parent)].map(([parent, nodes]) => [parent, nodes.map(([node]) => node)])
  )
}

/** An edge at a node, as it was. */
export interface PastEdge {
  readonly class: number
  /** The node that it was made from, and the other. */
  readonly node: number
  readonly target: number
  readonly slug: string
  /** The text of its props; undefined where there was no such edge. */
  readonly props: string | undefined
}

/** Of edges that were linked, changed or unlinked at one of these nodes since: what each was just after a change. */
export const edgesThen = (graph: Graph, keys: ReadonlyArray<number>, number: number): ReadonlyArray<PastEdge> => {
  const select = (end: "node" | "target") =>
    `SELECT number, node, target, class, slug, op, before FROM node_changes
     WHERE ${end} IN ${graph.sql.numbers("?1")} AND class IS NOT NULL AND number > ?2
       AND op IN ('link', 'updateLink', 'unlink')`
  const rows = graph.conn
    .prepare(`${select("node")} UNION ${select("target")} ORDER BY number`)
    .all(JSON.stringify(keys), number)
  return rows.map((row) => ({
    class: Number(row.class),
    node: Number(row.node),
    target: Number(row.target),
    slug: String(row.slug),
    props: row.op === "link" ? undefined : String(row.before ?? "{}")
  }))
}
