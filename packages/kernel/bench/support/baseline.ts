// The hand-written SQL beside which creates are measured: it writes the rows of one new node, and checks nothing.
import { DatabaseSync } from "node:sqlite"
import { makeIds } from "../../src/internal/store/ids.ts"

export interface Baseline {
  readonly db: DatabaseSync
  /**
   * One node: its row with four indexes, its row of history with two, and its words. With `seq` it takes a commit
   * number first, as each write of its own does.
   */
  readonly create: (props: string, words: string, options: { readonly seq: boolean }) => void
}

/** Opens a copy of a kernel's file by the driver alone. New nodes go below the node `parent`. */
export const openBaseline = (
  file: string,
  synchronous: "FULL" | "NORMAL",
  parent: string,
  classSlug: string
): Baseline => {
  const db = new DatabaseSync(file)
  for (const pragma of ["journal_mode = WAL", `synchronous = ${synchronous}`, "cache_size = -32768"]) {
    db.exec(`PRAGMA ${pragma}`)
  }
  // As FTS5 comes.
  for (const [name, value] of [
    ["automerge", 4],
    ["crisismerge", 16]
  ] as const)
    db.exec(`INSERT INTO node_text (node_text, rank) VALUES ('${name}', ${value})`)
  const keyOf = (slug: string) => Number(db.prepare("SELECT key FROM nodes WHERE slug = ?").get(slug)?.key)
  const [parentKey, classKey] = [keyOf(parent), keyOf(classSlug)]
  const nextSeq = db.prepare("UPDATE kernel_meta SET value = value + 1 WHERE name = 'seq' RETURNING value")
  const node = db.prepare(
    `INSERT INTO nodes (key, id, parent, slug, skeleton, class, rev, created_at, updated_at, props)
     VALUES (?, ?, ?, ?, NULL, ?, ?, ?, ?, ?)`
  )
  const change = db.prepare(
    `INSERT INTO node_changes (seq, at, op, node, actor, half, node_id, node_class, path, above)
     VALUES (?, ?, 'create', ?, ?, 'caller', ?, ?, ?, ?)`
  )
  const text = db.prepare(
    "INSERT INTO node_text (rowid, title, body, below_title, below_body) VALUES (?, 'node one', ?, ?, ?)"
  )
  const actor = String(db.prepare("SELECT id FROM nodes WHERE slug = 'ada'").get()?.id)
  const ids = makeIds(
    () => Date.now(),
    (bytes) => crypto.getRandomValues(bytes)
  )
  let key = Number(db.prepare("SELECT max(key) AS key FROM nodes").get()?.key)
  let seq = Number(nextSeq.get()?.value)
  const create: Baseline["create"] = (props, words, options) => {
    if (options.seq) seq = Number(nextSeq.get()?.value)
    const id = ids.next()
    const now = Date.now()
    node.run(++key, id, parentKey, id, classKey, seq, now, now, props)
    change.run(seq, now, key, actor, id, classKey, `/tree/${parent}/${id}`, `1/${parentKey}/`)
    const below = words.replace(/^| /g, (space) => `${space}${parentKey}x`)
    text.run(key, words, `${parentKey}xnode ${parentKey}xone`, below)
  }
  return { db, create }
}
