import type { Tier, Wording } from "../query/words.ts"
import type { Graph, Tx } from "./Graph.ts"

/**
 * The words of nodes, in an index of SQLite's FTS5. Each is there twice: as it is, for who may READ everything, and
 * behind the key of the node's parent, for who looks below some parents only and must not notice what is elsewhere.
 *
 * Words hold letters and digits alone and are quoted all the same, so no word is ever read as an operator.
 */
export const textTables: ReadonlyArray<string> = [
  // The tokens are ours: the tokenizer only parts them at spaces. Nothing is kept but which nodes have which.
  `CREATE VIRTUAL TABLE node_text USING fts5 (
     title, body, below_title, below_body,
     content = '', contentless_delete = 1, detail = 'column', tokenize = 'ascii'
   )`
]

/** Columns of the index, in the order of {@link textsOf}. */
export const textColumns = ["title", "body", "below_title", "below_body"] as const

/** The words of a node as the index has them, by column. */
export const textsOf = (parent: number, { body, title }: Wording): ReadonlyArray<ReadonlyArray<string>> => {
  const below = (words: ReadonlyArray<string>) => words.map((word) => belowParent(parent, word))
  return [title, body, below(title), below(body)]
}

const insert = "INSERT INTO node_text (rowid, title, body, below_title, below_body) VALUES (?, ?, ?, ?, ?)"

/** Writes down the words of a node that has none written down. */
export const putWords = (tx: Tx, node: number, parent: number, wording: Wording): void => {
  if (wording.title.length === 0 && wording.body.length === 0) return
  const texts = textsOf(parent, wording).map((words) => words.join(" "))
  tx.conn.prepare(insert).run(node, ...texts)
}

/** Forgets the words of a node. */
export const dropWords = (tx: Tx, node: number): void => {
  tx.conn.prepare("DELETE FROM node_text WHERE rowid = ?").run(node)
}

/** Forgets the words of all nodes. */
export const dropAllWords = (tx: Tx): void => {
  tx.conn.prepare("INSERT INTO node_text (node_text) VALUES ('delete-all')").run()
}

/** A parent's key is digits, so its end is where the first letter is, and no word of another parent is the same. */
const belowParent = (parent: number, word: string): string => `${parent < 0 ? "t" : ""}${Math.abs(parent)}x${word}`

/** Parents that are asked about at once. */
export const parentsAtOnce = 50

/** One search: words that all have to be there, below some parents or anywhere. */
export interface Search {
  readonly words: ReadonlyArray<string>
  readonly parents: ReadonlyArray<number> | undefined
}

const quoted = (word: string, prefix: boolean): string => `"${word}"${prefix ? " *" : ""}`

const expression = ({ parents, words }: Search, tier: Tier): string => {
  const columns = parents === undefined ? ["title", "body"] : ["below_title", "below_body"]
  const where = tier === 3 ? `{${columns.join(" ")}}` : columns[0]
  const terms = words.map((word) => {
    const alternatives = parents === undefined ? [word] : parents.map((parent) => belowParent(parent, word))
    return `${where} : (${alternatives.map((each) => quoted(each, tier > 1)).join(" OR ")})`
  })
  return terms.map((term) => `(${term})`).join(" AND ")
}

const select = "SELECT rowid AS key FROM node_text WHERE node_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"

/** Keys of the nodes of one tier, and of no better one, that are below `before`: the latest made first. */
export const findWords = (
  graph: Graph,
  search: Search,
  tier: Tier,
  before: number,
  limit: number
): ReadonlyArray<number> => {
  const better = tier === 1 ? "" : ` NOT (${expression(search, tier === 2 ? 1 : 2)})`
  return graph.conn
    .prepare(select)
    .all(`(${expression(search, tier)})${better}`, before, limit)
    .map((row) => Number(row.key))
}
