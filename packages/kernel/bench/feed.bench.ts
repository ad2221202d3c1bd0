// What looking back costs: creates with what is written down of each, a delete of a large subtree beside readers, and
// watchers. Run: node packages/kernel/bench/feed.bench.ts [nodes]

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Extensions } from "@portico/gate"
import { Database } from "@portico/gate/database"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { Authority, Kernel, kernelLayer, kernelMigrations } from "../src/index.ts"

const nodes = Number(process.argv[2] ?? 1_000_000)
const folder = mkdtempSync(join(tmpdir(), "feed-bench-"))
const store = SqliteDatabase.layer({
  filename: join(folder, "data.db"),
  synchronous: "NORMAL",
  migrations: kernelMigrations.map((step) => ({ module: "kernel", step }))
})
const noExtensions = Layer.succeed(Extensions, {
  ref: () => ({ current: [], version: 0, away: [], when: () => Effect.void })
})
const layer = kernelLayer().pipe(Layer.provideMerge(store), Layer.provide(noExtensions))

const percentile = (sorted: ReadonlyArray<number>, part: number) => sorted[Math.floor(sorted.length * part)] ?? 0
const show = (name: string, value: number, unit: string) =>
  console.log(`${name.padEnd(58)} ${value.toFixed(2)} ${unit}`)

const program = Effect.gen(function* () {
  const kernel = yield* Kernel
  const database = yield* Database
  const call = (path: string, params?: unknown) => kernel.call(Authority.system, { path, params })
  const make = (params: object) => call(K.Node.createNode.path, { class: K.Folder.ref, ...params })

  yield* make({ path: "/w" })
  const since = yield* kernel.seq
  const made = 20_000
  const began = performance.now()
  yield* Effect.forEach(Array.from({ length: made }), () => make({ parent: "/w", props: { name: "n" } }), {
    concurrency: 256,
    discard: true
  })
  show("createNode, 256 at once", made / ((performance.now() - began) / 1000), "/s")

  if ("changes" in K.Node) {
    const start = performance.now()
    const { result } = yield* call(K.Node.changes.path, { since })
    yield* Stream.runDrain(Stream.take(result as Stream.Stream<unknown>, made))
    show("changes, read by one watcher", made / ((performance.now() - start) / 1000), "/s")
  }

  const top = (yield* make({ path: "/big" })).result as { readonly id: string }
  yield* database.write((tx) =>
    Effect.sync(() => {
      const row = tx.prepare("SELECT key, class FROM nodes WHERE id = ?").get(top.id)
      const insert = tx.prepare(
        "INSERT INTO nodes (key, id, parent, slug, class, rev, created_at, updated_at, props) VALUES (?, ?, ?, ?, ?, 1, 0, 0, '{}')"
      )
      // Fan-out 10.
      for (let i = 0; i < nodes; i++) {
        const parent = i < 10 ? Number(row?.key) : 10_000_000 + Math.floor(i / 10) - 1
        insert.run(10_000_000 + i, `i${i}`, parent, `s${i}`, row?.class ?? null)
      }
    })
  )
  const times: Array<number> = []
  let reading = true
  const readers = Effect.gen(function* () {
    while (reading) {
      const start = performance.now()
      yield* call("/w::get")
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      times.push(performance.now() - start)
    }
  })
  const work = (name: string, path: string, params?: object) =>
    Effect.gen(function* () {
      const start = performance.now()
      yield* call(path, params)
      show(name, performance.now() - start, "ms")
    })
  const fiber = yield* Effect.forkChild(readers)
  yield* Effect.sleep(500)
  const before = times.splice(0).sort((a, b) => a - b)
  show("get and a turn of the event loop, p99, alone", 1_000 * percentile(before, 0.99), "µs")
  yield* work(`delete of ${nodes} nodes`, "/big::delete", { recursive: true })
  yield* work("restore of them", "/big::restore")
  yield* Effect.sleep(300)
  reading = false
  yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
  const during = times.sort((a, b) => a - b)
  show("the same, p99, while they are deleted and restored", 1_000 * percentile(during, 0.99), "µs")
  show("the same, slowest", during.at(-1) ?? 0, "ms")
  fiber.interruptUnsafe()
})

await Effect.runPromise(Effect.provide(program, layer)).finally(() => rmSync(folder, { recursive: true }))
