import type { PutOff } from "@portico/gate/database"
import type { Tier, Wording } from "../query/words.ts"
import type { Graph, Tx } from "./Graph.ts"

/**
 * The words of nodes: in an index of SQLite's FTS5, or as PostgreSQL's text vectors. Each is there twice: as it is, for
 * who may READ everything, and behind the key of the node's parent, for who looks below some parents only and must not
 * notice what is elsewhere.
 *
 * Words hold letters and digits alone and are quoted all the same, so no word is ever read as an operator. They are made
 * by us: the database takes them as they are.
 */
export const textTables = {
  // Nothing is kept but which nodes have which.
  sqlite: [
    `CREATE VIRTUAL TABLE node_text USING fts5 (
       title, body, below_title, below_body,
       content = '', contentless_delete = 1, detail = 'column', tokenize = 'ascii'
     )`
  ],
  // `words` are those of title and body.
  postgres: [
    `CREATE TABLE node_text (
       node        BIGINT PRIMARY KEY,
       title       TSVECTOR NOT NULL,
       words       TSVECTOR NOT NULL,
       below_title TSVECTOR NOT NULL,
       below_words TSVECTOR NOT NULL
     )`,
    ...["title", "words", "below_title", "below_words"].map(
      (column) => `CREATE INDEX node_text_${column} ON node_text USING GIN (${column})`
    )
  ]
}

/** Columns of the index, in the order of {@link textsOf}. */
export const textColumns = ["title", "body", "below_title", "below_body"] as const

/** The words of a node as the index has them, by column. */
export const textsOf = (parent: number, { body, title }: Wording): ReadonlyArray<ReadonlyArray<string>> => {
  const below = (words: ReadonlyArray<string>) => words.map((word) => belowParent(parent, word))
  return [title, body, below(title), below(body)]
}

/** {@link textsOf} as FTS5 takes them. */
const columnsOf = (parent: number, { body, title }: Wording): ReadonlyArray<string> => {
  const before = beforeWords(parent)
  const below = (words: ReadonlyArray<string>) => (words.length === 0 ? "" : before + words.join(` ${before}`))
  return [title.join(" "), body.join(" "), below(title), below(body)]
}

/**
 * Left to itself, FTS5 merges what it has gathered now and then within a commit, for tens of milliseconds, in which nobody
 * reads. So it is told to merge little by little instead, whenever about as much has been written as that takes up.
 */
const textSetting = (name: string, value: number) =>
  `INSERT INTO node_text (node_text, rank) VALUES ('${name}', ${value})`
export const mergeTables: ReadonlyArray<string> = [
  textSetting("automerge", 0),
  // As many as eight parts of a size are left as they are; with forty a commit merges them after all.
  textSetting("usermerge", 8),
  textSetting("crisismerge", 40)
]

const merge = textSetting("merge", 16)
/** Letters of words between merges, and how many there are then: of what is written node by node, and by many. */
const merges = {
  few: { every: 24_000, times: 1 },
  // Merging writes out what has been gathered, which for so many is best left to FTS5, a megabyte at a time.
  many: { every: 1_000_000, times: 4 }
}
/** Letters that each node counts for besides. */
const perNode = 100

/** Letters since the last merge, by connection. When it is merged changes nothing that anybody sees. */
const unmerged = new WeakMap<PutOff, number>()

const mergeNowAndThen = (tx: Tx, letters: number, { every, times }: (typeof merges)["few"]): void => {
  const { putOff } = tx.conn
  if (putOff === undefined) return
  const now = (unmerged.get(putOff) ?? 0) + letters
  const isDue = now >= every
  unmerged.set(putOff, isDue ? 0 : now)
  // Each by itself, so that others have their turn in between.
  for (let time = 0; isDue && time < times; time++) putOff.add(() => tx.conn.prepare(merge).run())
}

const lettersOf = (columns: ReadonlyArray<string>): number => columns.reduce((sum, text) => sum + text.length, perNode)

const insert = "INSERT INTO node_text (rowid, title, body, below_title, below_body) VALUES (?, ?, ?, ?, ?)"

const vectorOf = (list: string) => `array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(${list})))`
const vectors = (listAt: (index: number) => string) => [0, 1, 2, 3].map((index) => vectorOf(listAt(index))).join(", ")
const intoVectors = "INSERT INTO node_text (node, title, words, below_title, below_words)"
const insertVectors = `${intoVectors} VALUES (?1, ${vectors((index) => `CAST(?${index + 2} AS JSONB)`)})`

/** The words of many nodes are a JSON list of lists: the node, and its words by column. */
const insertMany = {
  sqlite: `INSERT INTO node_text (rowid, title, body, below_title, below_body)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)`,
  postgres: `${intoVectors} SELECT CAST(value ->> 0 AS BIGINT), ${vectors((index) => `value -> ${index + 1}`)}
    FROM jsonb_array_elements(CAST(? AS JSONB)) AS list`
}

/** FTS5 writes out what it has gathered at each savepoint, so writing is left to the end, where those of others are. */
const atTheEnd = (tx: Tx, write: () => void): void => {
  const { putOff } = tx.conn
  if (putOff === undefined) write()
  else putOff.add(write)
}

const isEmpty = ({ body, title }: Wording): boolean => title.length === 0 && body.length === 0

/** {@link textsOf} as text vectors are made of them. */
const vectorsOf = (parent: number, wording: Wording): ReadonlyArray<ReadonlyArray<string>> => {
  const [title = [], body = [], belowTitle = [], belowBody = []] = textsOf(parent, wording)
  const both = (a: ReadonlyArray<string>, b: ReadonlyArray<string>) => [...new Set([...a, ...b])]
  return [title, both(title, body), belowTitle, both(belowTitle, belowBody)]
}

/** Writes down the words of a node that has none written down. */
export const putWords = (tx: Tx, node: number, parent: number, wording: Wording): void => {
  if (isEmpty(wording)) return
  if (tx.sql.dialect === "sqlite") {
    const columns = columnsOf(parent, wording)
    atTheEnd(tx, () => tx.conn.prepare(insert).run(node, ...columns))
    mergeNowAndThen(tx, lettersOf(columns), merges.few)
    return
  }
  tx.conn.prepare(insertVectors).run(node, ...vectorsOf(parent, wording).map((words) => JSON.stringify(words)))
}

/** A node, where it is, and what it is found by. */
export interface Worded {
  readonly node: number
  readonly parent: number
  readonly wording: Wording
}

/** Nodes that are written in one statement. */
const atOnce = 250

/** {@link putWords} of many nodes, in few statements. */
export const putAllWords = (tx: Tx, nodes: ReadonlyArray<Worded>): void => {
  const { dialect } = tx.sql
  const worded = nodes.filter(({ wording }) => !isEmpty(wording))
  for (let from = 0; from < worded.length; from += atOnce) {
    const some = worded.slice(from, from + atOnce)
    const columns = some.map(({ parent, wording }) =>
      dialect === "sqlite" ? columnsOf(parent, wording) : vectorsOf(parent, wording)
    )
    const rows = JSON.stringify(some.map(({ node }, index) => [node, ...(columns[index] ?? [])]))
    atTheEnd(tx, () => tx.conn.prepare(insertMany[dialect]).run(rows))
    mergeNowAndThen(tx, rows.length + perNode * some.length, merges.many)
  }
}

const keyColumn = { sqlite: "rowid", postgres: "node" } as const

/** Forgets the words of a node. */
export const dropWords = (tx: Tx, node: number): void => {
  atTheEnd(tx, () => tx.conn.prepare(`DELETE FROM node_text WHERE ${keyColumn[tx.sql.dialect]} = ?`).run(node))
}

/** {@link dropWords} of many nodes, in few statements. */
export const dropWordsOf = (tx: Tx, nodes: ReadonlyArray<number>): void => {
  const { dialect, numbers } = tx.sql
  for (let from = 0; from < nodes.length; from += atOnce) {
    const keys = JSON.stringify(nodes.slice(from, from + atOnce))
    const text = `DELETE FROM node_text WHERE ${keyColumn[dialect]} IN ${numbers("?")}`
    atTheEnd(tx, () => tx.conn.prepare(text).run(keys))
  }
}

/** Forgets the words of all nodes. */
export const dropAllWords = (tx: Tx): void => {
  const all = { sqlite: "INSERT INTO node_text (node_text) VALUES ('delete-all')", postgres: "DELETE FROM node_text" }
  atTheEnd(tx, () => tx.conn.prepare(all[tx.sql.dialect]).run())
}

/** A parent's key is digits, so its end is where the first letter is, and no word of another parent is the same. */
const beforeWords = (parent: number): string => `${parent < 0 ? "t" : ""}${Math.abs(parent)}x`
const belowParent = (parent: number, word: string): string => beforeWords(parent) + word

/** Parents that are asked about at once. */
export const parentsAtOnce = 50

/** One search: words that all have to be there, below some parents or anywhere. */
export interface Search {
  readonly words: ReadonlyArray<string>
  readonly parents: ReadonlyArray<number> | undefined
}

const alternativesOf = (word: string, parents: Search["parents"]): ReadonlyArray<string> =>
  parents === undefined ? [word] : parents.map((parent) => belowParent(parent, word))

const quoted = (word: string, prefix: boolean): string => `"${word}"${prefix ? " *" : ""}`

const expression = ({ parents, words }: Search, tier: Tier): string => {
  const columns = parents === undefined ? ["title", "body"] : ["below_title", "below_body"]
  const where = tier === 3 ? `{${columns.join(" ")}}` : columns[0]
  const terms = words.map((word) => {
    const alternatives = alternativesOf(word, parents)
    return `${where} : (${alternatives.map((each) => quoted(each, tier > 1)).join(" OR ")})`
  })
  return terms.map((term) => `(${term})`).join(" AND ")
}

const select = "SELECT rowid AS key FROM node_text WHERE node_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"

/** A query of text vectors, and the column that it is asked of. */
const vectorQuery = ({ parents, words }: Search, tier: Tier) => ({
  column: `${parents === undefined ? "" : "below_"}${tier === 3 ? "words" : "title"}`,
  query: words
    .map(
      (word) =>
        `(${alternativesOf(word, parents)
          .map((each) => `'${each}'${tier > 1 ? ":*" : ""}`)
          .join(" | ")})`
    )
    .join(" & ")
})

/** Keys of the nodes of one tier, and of no better one, that are below `before`: the latest made first. */
export const findWords = (
  graph: Graph,
  search: Search,
  tier: Tier,
  before: number,
  limit: number
): ReadonlyArray<number> => {
  graph.conn.putOff?.run()
  const rows =
    graph.sql.dialect === "sqlite"
      ? findTokens(graph, search, tier, before, limit)
      : findVectors(graph, search, tier, before, limit)
  return rows.map((row) => Number(row.key))
}

const findTokens = (graph: Graph, search: Search, tier: Tier, before: number, limit: number) => {
  const better = tier === 1 ? "" : ` NOT (${expression(search, tier === 2 ? 1 : 2)})`
  return graph.conn.prepare(select).all(`(${expression(search, tier)})${better}`, before, limit)
}

const findVectors = (graph: Graph, search: Search, tier: Tier, before: number, limit: number) => {
  const asked = vectorQuery(search, tier)
  const better = tier === 1 ? undefined : vectorQuery(search, tier === 2 ? 1 : 2)
  const not = better === undefined ? "" : `AND NOT ${better.column} @@ CAST(?4 AS TSQUERY)`
  return graph.conn
    .prepare(
      `SELECT node AS key FROM node_text WHERE ${asked.column} @@ CAST(?1 AS TSQUERY) AND node < ?2 ${not}
       ORDER BY node DESC LIMIT ?3`
    )
    .all(asked.query, before, limit, ...(better === undefined ? [] : [better.query]))
}
