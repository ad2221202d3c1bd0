// What durable writes cost, as ratios to the raw driver in the same run.
// Run: node packages/gate-adapters/bench/write.bench.ts

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import * as Effect from "effect/Effect"

const totals: Readonly<Record<number, number>> = { 1: 4_096, 64: 131_072 }
const createTable = "CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"
const insertRow = "INSERT INTO row (text) VALUES (?)"
const text = "x".repeat(100)

/** Rows per second of the raw driver, committing `size` rows at a time. */
const raw = (file: string, size: number): number => {
  const total = totals[size] ?? size
  const db = new DatabaseSync(file)
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${createTable}`)
  const insert = db.prepare(insertRow)
  const begin = performance.now()
  for (let row = 0; row < total; row += size) {
    db.exec("BEGIN IMMEDIATE")
    for (let each = 0; each < size; each++) insert.run(text)
    db.exec("COMMIT")
  }
  const seconds = (performance.now() - begin) / 1_000
  db.close()
  return total / seconds
}

/** Rows per second of `write`, from `writers` fibers that each wait for their answer. */
const ours = (filename: string, writers: number) =>
  Effect.gen(function* () {
    const total = totals[writers] ?? writers
    const { write: submit } = yield* SqliteDatabase.make({ filename })
    yield* submit((tx) => Effect.sync(() => tx.exec(createTable)))
    const write = submit((tx) => Effect.sync(() => tx.prepare(insertRow).run(text)))
    const writer = Effect.forEach(Array.from({ length: total / writers }), () => write, { discard: true })
    const begin = performance.now()
    yield* Effect.all(
      Array.from({ length: writers }, () => writer),
      { concurrency: "unbounded", discard: true }
    )
    return total / ((performance.now() - begin) / 1_000)
  }).pipe(Effect.scoped)

const open = (filename: string) =>
  Effect.gen(function* () {
    const begin = performance.now()
    yield* Effect.scoped(SqliteDatabase.make({ filename }))
    return performance.now() - begin
  })

const folder = mkdtempSync(join(tmpdir(), "portico-bench-"))
const perSecond = (rows: number): string => `${Math.round(rows).toLocaleString("en")} rows/s`

const program = Effect.gen(function* () {
  yield* ours(":memory:", 64)
  for (const size of [1, 64]) {
    const base = raw(join(folder, `raw-${size}.db`), size)
    const rows = yield* ours(join(folder, `ours-${size}.db`), size)
    const name = size === 1 ? "one writer / raw commits of 1  " : "64 writers / raw commits of 64"
    console.log(`${name}: ${(rows / base).toFixed(2)} x  (${perSecond(rows)} / ${perSecond(base)})`)
  }
  for (const [name, file] of [
    ["new file", "open.db"],
    ["known file", "open.db"],
    [":memory:", ":memory:"]
  ] as const) {
    const time = yield* open(file === ":memory:" ? file : join(folder, file))
    console.log(`opening and closing, ${name}: ${time.toFixed(1)} ms`)
  }
})

Effect.runPromise(program).finally(() => rmSync(folder, { recursive: true, force: true }))
