// What reads cost in process, as ratios to raw prepared selects of node:sqlite on the same file in the same run.
// Run: node packages/kernel/bench/get.bench.ts [nodes]   (default 100,000; fan-out 10)

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Extensions } from "@portico/gate"
import { Database } from "@portico/gate/database"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Authority, Kernel, kernelLayer, kernelMigrations } from "../src/index.ts"

const size = Number(process.argv[2] ?? 100_000)
const fanOut = 10
const folder = mkdtempSync(join(tmpdir(), "kernel-bench-"))
const filename = join(folder, "data.db")

const NoExtensions = Layer.succeed(Extensions, {
  ref: () => ({ current: [], away: [], version: 0, when: () => Effect.void })
})
const store = kernelLayer().pipe(
  Layer.provideMerge(
    SqliteDatabase.layer({ filename, migrations: kernelMigrations.map((step) => ({ module: "kernel", step })) })
  ),
  Layer.provide(NoExtensions)
)

/** Node `i` lies below node `(i - 1) / 10`, so 100,000 nodes are five deep. */
const pathOf = (i: number): string => (i === 0 ? "/tree" : `${pathOf(Math.floor((i - 1) / fanOut))}/n${i}`)

const fill = Effect.gen(function* () {
  const { read, write } = yield* Database
  const kernel = yield* Kernel
  const call = (path: string, params: object) => kernel.call(Authority.system, { path, params })
  yield* call(K.Node.createNode.path, { class: K.Folder.ref, path: "/tree" })
  const { result } = yield* call(K.Node.createNode.path, { class: K.User.ref, path: "/identities/ada" })
  yield* call(K.Node.createNode.path, { class: K.Group.ref, path: "/identities/team" })
  yield* call(K.Node.createNode.path, { class: K.Group.ref, path: "/identities/staff" })
  yield* call("/identities/team::addMember", { member: "/identities/ada" })
  yield* call("/identities/staff::addMember", { member: "/identities/team" })
  yield* call("/identities/staff::grantPerm", { node: "/tree", perms: 7 })
  const tree = yield* read((conn) => conn.prepare("SELECT key, class FROM nodes WHERE slug = 'tree'").get())
  const base = 1_000_000
  yield* write((tx) =>
    Effect.sync(() => {
      const insert = tx.prepare(
        `INSERT INTO nodes (key, id, parent, slug, class, rev, created_at, updated_at, props) VALUES (?, ?, ?, ?, ?, 9, 0, 0, ?)`
      )
      for (let i = 1; i < size; i++) {
        const up = Math.floor((i - 1) / fanOut)
        const id = `01900000-0000-7000-8000-${i.toString(16).padStart(12, "0")}`
        const props = JSON.stringify({
          [K.Named.name.key]: `Node ${i}`,
          [K.Descriptable.description.key]: "x".repeat(60)
        })
        insert.run(base + i, id, up === 0 ? Number(tree?.key) : base + up, `n${i}`, Number(tree?.class), props)
      }
    })
  )
  // Boundary: what createNode answers.
  return { ada: (result as { readonly id: string }).id, base }
})

/** Zipf-like picks with exponent 1, the same for everybody. */
const zipf = (count: number): ReadonlyArray<number> => {
  let seed = 42
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed / 0x7fffffff
  }
  // The hot ones lie all over the tree, not at its top.
  return Array.from({ length: count }, () => 1 + ((Math.floor((size - 1) ** random()) * 7_919) % (size - 1)))
}

/** Microseconds per turn, the best of five rounds. */
const micros = (turns: number, run: (turn: number) => void): number => {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const begin = performance.now()
    for (let turn = 0; turn < turns; turn++) run(turn)
    best = Math.min(best, ((performance.now() - begin) * 1_000) / turns)
  }
  return best
}

const report = (name: string, ours: number, raw: number, budget: string) =>
  console.log(
    `${name.padEnd(44)} ${ours.toFixed(2).padStart(8)} µs  ${(raw / ours).toFixed(2).padStart(6)} × raw (${raw.toFixed(2)} µs)  ${budget}`
  )

const measure = Effect.gen(function* () {
  const { ada, base } = yield* fill
  const kernel = yield* Kernel
  const me = Authority.identity(ada)
  const db = new DatabaseSync(filename, { readOnly: true })
  const select = db.prepare("SELECT * FROM nodes WHERE key = ?")
  const children = db.prepare("SELECT * FROM nodes WHERE parent = ? ORDER BY slug LIMIT 10")
  const grants = db.prepare(
    `WITH RECURSIVE up (key, parent) AS (
       SELECT key, parent FROM nodes WHERE key = ?
       UNION ALL SELECT n.key, n.parent FROM up JOIN nodes n ON n.key = up.parent)
     SELECT max(e.mask) AS mask FROM up JOIN edges e ON e.target = up.key AND e.mask IS NOT NULL
     WHERE e.source IN (1, 2, 3, 4, 5)`
  )
  const get = (path: string) => Effect.runSync(kernel.call(me, { path }))

  const hot = Array.from({ length: 1_000 }, (_, i) => 1 + ((i * 7_919) % (size - 1)))
  const picks = zipf(200_000)
  const [hotPaths, hotIds] = [hot.map((i) => `${pathOf(i)}::get`), hot.map((i) => `@${idOf(i)}::get`)]
  const zipfPaths = picks.map((i) => `${pathOf(i)}::get`)
  const at = <A>(list: ReadonlyArray<A>, turn: number): A => list[turn % list.length] as A

  const rawHot = micros(100_000, (turn) => select.get(base + at(hot, turn)))
  const rawZipf = micros(picks.length, (turn) => select.get(base + at(picks, turn)))
  console.log(`${size} nodes, fan-out ${fanOut}; grant by a group of a group on the top folder\n`)
  report(
    "get by path, hot 1,000",
    micros(100_000, (turn) => get(at(hotPaths, turn))),
    rawHot,
    "at least 0.5"
  )
  report(
    "get by id, hot 1,000",
    micros(100_000, (turn) => get(at(hotIds, turn))),
    rawHot,
    "at least 0.5"
  )
  report(
    "get by path, Zipf",
    micros(picks.length, (turn) => get(at(zipfPaths, turn))),
    rawZipf,
    "at least 0.5"
  )
  const mask = (turn: number) => Effect.runSync(kernel.mask(me, `@${idOf(at(hot, turn))}`))
  report(
    "permission check, hot",
    micros(100_000, mask),
    micros(20_000, (turn) => grants.get(base + at(hot, turn))),
    ""
  )
  const list = hot.map((i) => `${pathOf(Math.floor((i - 1) / fanOut))}::listChildren`)
  const rawList = micros(20_000, (turn) => {
    const up = Math.floor((at(hot, turn) - 1) / fanOut)
    children.all(base + up)
  })
  report(
    "listChildren, 10 nodes",
    micros(20_000, (turn) => get(at(list, turn))),
    rawList,
    "at least 0.4"
  )
  db.close()
})

const idOf = (i: number): string => `01900000-0000-7000-8000-${i.toString(16).padStart(12, "0")}`

await Effect.runPromise(
  Effect.provide(measure, store).pipe(Effect.ensuring(Effect.sync(() => rmSync(folder, { recursive: true }))))
)
