// What lists and searches cost in process, as ratios to raw prepared selects on the same file in the same run.
// Run: node packages/kernel/bench/find.bench.ts [nodes]   (default 20,000, in folders of 1,000)

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Extensions } from "@portico/gate"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { compileDomain, defineSchema, edgeClass, K, KernelSchema, nodeClass } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Authority, Kernel, kernelLayer, kernelMigrations, SchemaInstaller } from "../src/index.ts"

const size = Number(process.argv[2] ?? 20_000)
const inFolder = 1_000
const folders = Math.ceil(size / inFolder)
const folder = mkdtempSync(join(tmpdir(), "kernel-find-"))
const filename = join(folder, "data.db")

const Thing = nodeClass({
  implements: [KernelSchema.interfaces.Named],
  props: { age: Schema.Int, text: Schema.String },
  indexes: [["age", "name"]]
})
const likes = edgeClass({ as: "one", types: [Thing] }, { as: "other", types: [Thing] })
const schema = defineSchema("bench.example.dev", { classes: { Thing, likes }, imports: [KernelSchema] })
const D = compileDomain(schema)

const store = kernelLayer().pipe(
  Layer.provideMerge(
    SqliteDatabase.layer({
      filename,
      synchronous: "NORMAL",
      migrations: kernelMigrations.map((step) => ({ module: "kernel", step }))
    })
  ),
  Layer.provide(
    Layer.succeed(Extensions, { ref: () => ({ current: [], away: [], version: 0, when: () => Effect.void }) })
  )
)

const words = Array.from({ length: 2_000 }, (_, i) => `w${((i * 7_919) % 2_000).toString(36)}`)
const wordsOf = (i: number, count: number) =>
  Array.from({ length: count }, (_, n) => words[(i * 31 + n * n * 17 + n) % words.length]).join(" ")
const pathOf = (i: number): string => `/f${Math.floor(i / inFolder)}/t${i}`

const fill = Effect.gen(function* () {
  const kernel = yield* Kernel
  const installer = yield* SchemaInstaller
  const { contract, contractId } = schema
  yield* installer.install({ contract, contractId, requires: [], owns: [], acts: null, grants: {}, postInstall: null })
  const call = (path: string, params: object) => kernel.call(Authority.system, { path, params })
  const each = (count: number, make: (i: number) => Effect.Effect<unknown, unknown>) =>
    Effect.forEach(
      Array.from({ length: count }, (_, i) => i),
      make,
      { concurrency: 256, discard: true }
    )
  yield* each(folders, (i) => call(K.Node.createNode.path, { class: K.Folder.ref, path: `/f${i}` }))
  const begin = spent()
  yield* each(size, (i) =>
    call(K.Node.createNode.path, {
      class: D.Thing.ref,
      path: pathOf(i),
      props: { age: i % 100, name: wordsOf(i, 2), text: wordsOf(i + 7, 8) }
    })
  )
  const created = (spent() - begin) / size
  yield* each(size / 10, (i) =>
    Effect.forEach(
      Array.from({ length: 10 }, (_, n) => n),
      (n) => call(`${pathOf(i)}::link`, { edgeClass: D.likes.ref, target: pathOf((i * 13 + n * 101) % size) })
    )
  )
  const { result } = yield* call(K.Node.createNode.path, { class: K.User.ref, path: "/identities/ada" })
  yield* each(folders, (i) => call("/identities/ada::grantPerm", { node: `/f${i}`, perms: 7 }))
  // Boundary: what createNode answers.
  return { ada: (result as { readonly id: string }).id, created }
})

/** Microseconds of this thread's processor time, which others on the machine take nothing from. */
const spent = (): number => {
  const { system, user } = process.threadCpuUsage()
  return system + user
}

/** Microseconds per turn, the best of five rounds. */
const micros = (turns: number, run: (turn: number) => void): number => {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const begin = spent()
    for (let turn = 0; turn < turns; turn++) run(turn)
    best = Math.min(best, (spent() - begin) / turns)
  }
  return best
}

const report = (name: string, ours: number, raw: number, budget: string) =>
  console.log(
    `${name.padEnd(48)} ${ours.toFixed(2).padStart(9)} µs  ${(raw / ours).toFixed(2).padStart(6)} × raw (${raw.toFixed(2)} µs)  ${budget}`
  )

const measure = Effect.gen(function* () {
  const { ada, created } = yield* fill
  const kernel = yield* Kernel
  const me = Authority.identity(ada)
  const db = new DatabaseSync(filename, { readOnly: true })
  const call = (path: string, params: object, as = me) => Effect.runSync(kernel.call(as, { path, params }))
  console.log(`${size} nodes of ten words, made in ${created.toFixed(0)} µs each, in folders of ${inFolder}\n`)

  const keys = Array.from({ length: folders }, (_, i) =>
    Number(db.prepare("SELECT key FROM nodes WHERE parent = 1 AND slug = ?").get(`f${i}`)?.key)
  )
  const keyAt = (i: number): number => keys[i % folders] ?? 0
  const children = db.prepare("SELECT * FROM nodes WHERE parent = ? ORDER BY slug LIMIT 10")
  report(
    "listChildren, 10 of 1,000",
    micros(10_000, (turn) => call(`/f${turn % folders}::listChildren`, { limit: 10 })),
    micros(10_000, (turn) => children.all(keyAt(turn))),
    "at least 0.4"
  )
  const list = Number(db.prepare("SELECT max(id) AS id FROM indexed_lists").get()?.id)
  const prefix = db.prepare(
    "SELECT value FROM node_index WHERE list = ? AND parent = ? ORDER BY value LIMIT 1 OFFSET 500"
  )
  const stretches = keys.map((key) => String(prefix.get(list, key)?.value).slice(0, 17))
  const indexed = db.prepare(
    `SELECT nodes.* FROM node_index JOIN nodes ON nodes.key = node_index.node
     WHERE list = ? AND node_index.parent = ? AND value >= ? AND value < ? ORDER BY value LIMIT 10`
  )
  const asked = { class: D.Thing.ref, where: { age: { eq: 50 } }, order: [["name", "asc"]], limit: 10 }
  report(
    "listChildren, indexed where and order, 10",
    micros(10_000, (turn) => call(`/f${turn % folders}::listChildren`, asked)),
    micros(10_000, (turn) => {
      const stretch = stretches[turn % folders] ?? ""
      indexed.all(list, keyAt(turn), stretch, `${stretch}g`)
    }),
    "at least 0.4"
  )
  const edges = db.prepare("SELECT * FROM edges WHERE source = ? AND class = ? ORDER BY target, slug LIMIT 10")
  const sources = db
    .prepare("SELECT source, class FROM edges WHERE mask IS NULL GROUP BY source HAVING count(*) = 10")
    .all()
  const paths = sources.map((_, i) => `${pathOf(i)}::getLinks`)
  report(
    "getLinks, 10 edges of one class",
    micros(10_000, (turn) => call(paths[turn % paths.length] ?? "", { edgeClass: D.likes.ref, limit: 10 })),
    micros(10_000, (turn) => {
      const row = sources[turn % sources.length]
      edges.all(Number(row?.source), Number(row?.class))
    }),
    "at least 0.4"
  )
  const match = db.prepare("SELECT rowid FROM node_text WHERE node_text MATCH ? ORDER BY rowid DESC LIMIT 10")
  const search = (as: Authority) => (turn: number) =>
    call(K.Node.query.path, { start: { search: wordsOf(turn, 2), page: { limit: 10 }, props: [] } }, as)
  const raw = micros(300, (turn) => {
    const [one = "", other = ""] = wordsOf(turn, 2).split(" ")
    match.all(`"${one}" * AND "${other}" *`)
  })
  report("search of two words, by who may READ everything", micros(300, search(Authority.system)), raw, "")
  report(`search of two words, below ${folders} folders`, micros(300, search(me)), raw, "")
  db.close()
})

await Effect.runPromise(
  Effect.provide(measure, store).pipe(Effect.ensuring(Effect.sync(() => rmSync(folder, { recursive: true }))))
)
