import type { Row, SyncConnection } from "@portico/gate/database"
import type { Marks } from "./CacheView.ts"

/**
 * On a server several processes remember what is in the store. Each write that changes something which may be
 * remembered leaves a row that says what to forget. They are kept for a while; who comes later forgets everything.
 */
export const epochTables: ReadonlyArray<string> = [
  `CREATE TABLE kernel_epochs (
     epoch  INTEGER PRIMARY KEY,
     before INTEGER NOT NULL,
     keys   TEXT,
     parts  INTEGER NOT NULL
   ) STRICT`
]

/** What a commit changed that others may remember. */
export interface Epoch {
  readonly number: number
  /** The epoch that this one follows. */
  readonly before: number
  /** Keys of nodes; `undefined` for too many to name. */
  readonly keys: ReadonlyArray<number> | undefined
  readonly tree: boolean
  readonly perms: boolean
  readonly schema: boolean
}

/** Where a snapshot is, and what was changed on the way there. */
export interface Progress {
  /** Number of the last commit. */
  readonly seq: number
  readonly epochs: ReadonlyArray<Epoch>
}

const bits = { tree: 1, perms: 2, schema: 4 } as const

/** One statement, so that it is one snapshot and one round trip. */
const select = `SELECT meta.value AS seq, e.epoch, e.before, e.keys, e.parts
  FROM kernel_meta AS meta LEFT JOIN kernel_epochs AS e ON e.epoch > ?
  WHERE meta.name = 'seq' ORDER BY e.epoch`

/** For who is going to write: also the highest keys of nodes that there are and were. */
const selectWithTop = `SELECT meta.value AS seq, e.epoch, e.before, e.keys, e.parts,
    (SELECT max(key) FROM nodes) AS top, (SELECT max(node) FROM node_changes) AS changed
  FROM kernel_meta AS meta LEFT JOIN kernel_epochs AS e ON e.epoch > ?
  WHERE meta.name = 'seq' ORDER BY e.epoch`

const epochOf = (row: Row): ReadonlyArray<Epoch> => {
  if (row.epoch === null) return []
  const parts = Number(row.parts)
  return [
    {
      number: Number(row.epoch),
      before: Number(row.before),
      // Boundary: written by `insertEpoch`.
      keys: row.keys === null ? undefined : (JSON.parse(String(row.keys)) as ReadonlyArray<number>),
      tree: (parts & bits.tree) !== 0,
      perms: (parts & bits.perms) !== 0,
      schema: (parts & bits.schema) !== 0
    }
  ]
}

/** The rows of {@link progressOf}. Equal objects are one answer. */
export const progressRows = (conn: SyncConnection, since: number): ReadonlyArray<Row> => conn.prepare(select).all(since)

export const progressOf = (rows: ReadonlyArray<Row>): Progress => ({
  seq: Number(rows[0]?.seq ?? 0),
  epochs: rows.flatMap(epochOf)
})

/** {@link progressOf} inside a write, and the highest key that a node has or had. */
export const progressToWrite = (conn: SyncConnection, since: number): Progress & { readonly top: number } => {
  const rows = conn.prepare(selectWithTop).all(since)
  const [row] = rows
  return { ...progressOf(rows), top: Math.max(Number(row?.top ?? 0), Number(row?.changed ?? 0)) }
}

/** The last commit and epoch that there are. */
export const presentOf = (conn: SyncConnection): { readonly seq: number; readonly epoch: number } => {
  const row = conn
    .prepare("SELECT value AS seq, (SELECT max(epoch) FROM kernel_epochs) AS epoch FROM kernel_meta WHERE name = 'seq'")
    .get()
  return { seq: Number(row?.seq ?? 0), epoch: Number(row?.epoch ?? 0) }
}

/** More are not named: who reads it forgets every node. */
const namedKeys = 5_000

/** Rows that are kept. */
const keptEpochs = 10_000
/** Every so many rows the older ones are removed. */
const trimEvery = 1_000

/** Writes down what others have to forget. */
export const insertEpoch = (conn: SyncConnection, number: number, before: number, marks: Marks): void => {
  const keys = marks.nodes.length > namedKeys ? null : JSON.stringify([...new Set(marks.nodes)])
  const parts = (marks.tree ? bits.tree : 0) | (marks.perms ? bits.perms : 0) | (marks.schema ? bits.schema : 0)
  conn
    .prepare("INSERT INTO kernel_epochs (epoch, before, keys, parts) VALUES (?, ?, ?, ?)")
    .run(number, before, keys, parts)
  if (number % trimEvery === 0) conn.prepare("DELETE FROM kernel_epochs WHERE epoch <= ?").run(number - keptEpochs)
}

/** Whether others may remember anything of what a write touched. */
export const isWorthTelling = (marks: Marks): boolean =>
  marks.nodes.length > 0 || marks.tree || marks.perms || marks.schema
