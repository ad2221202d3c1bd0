import { textColumns } from "../store/textIndex.ts"
import { type Census, differences, wordHash } from "./Census.ts"
import { violation } from "./checks.ts"
import type { Pass } from "./pass.ts"

/** Words that are read in one go. */
const page = 20_000

const columns: ReadonlyMap<string, number> = new Map(textColumns.map((name, index) => [name, index]))

const create = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.checked_words USING fts5vocab (main, node_text, 'instance')"

type At = readonly [term: string, doc: number, col: string]

/**
 * What the index of words holds, against what the nodes say. The index keeps no texts, so each is summed up over ranges
 * of nodes and the sums are compared. On SQLite, over a connection that may have temporary tables.
 */
export const wordPass = (census: Census): Pass<At> => ({
  start: ["", -1, ""],
  page: (graph, [term, doc, col]) => {
    graph.conn.exec(create)
    // Whole terms at a time: that is what this table can be asked for without reading it from the start.
    const rows = graph.conn
      .prepare(
        `SELECT term, doc, col FROM temp.checked_words WHERE term >= ? AND (term > ? OR (doc, col) > (?, ?))
         ORDER BY term, doc, col LIMIT ?`
      )
      .all(term, term, doc, col, page)
    const last = rows[rows.length - 1]
    const isLast = rows.length < page || last === undefined
    return {
      found: [],
      next: isLast ? undefined : [String(last.term), Number(last.doc), String(last.col)],
      count: () => {
        let before = ""
        let hash = 0
        for (const row of rows) {
          const word = String(row.term)
          if (word !== before) hash = wordHash(word)
          before = word
          const key = Number(row.doc)
          if (!census.wordless.has(key)) census.addIndexed(key, columns.get(String(row.col)) ?? -1, hash)
        }
      }
    }
  }
})

/** Compares the sums, after both walks. */
export const wordSums = (census: Census): Pass<"once"> => ({
  start: "once",
  page: () => ({
    found: differences(census.wanted, census.indexed).map(({ first, last }) =>
      violation("words.differ", `nodes ${first} to ${last}`, "the index of words has other words than the nodes")
    ),
    next: undefined
  })
})
