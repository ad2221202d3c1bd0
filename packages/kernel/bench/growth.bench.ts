// How the time of point operations and the memory grow from few nodes to many, both in one process, in turn.
// Run: node packages/kernel/bench/growth.bench.ts [many] [few]   (default 1,000,000 and 10,000)

import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Database } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import { type Line, report } from "../../gate/bench/report.ts"
import { Authority, Kernel, type KernelService } from "../src/index.ts"
import { fill, firstKey, idOf, manyEdges, pathOf, scattered, zipf } from "./support/graph.ts"
import { D, inFolder, kernelIn, setUp } from "./support/store.ts"
import { atMostTimes, versus, type Work } from "./support/timing.ts"

const [many, few] = [Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 10_000)]
const [defaultCache, smallCache, gets] = [100_000, 5_000, 50_000]
const most = 1.3
/** Long enough for a clock of processor time that moves on by four milliseconds. */
const manyTurns = 100_000
const at = <A>(list: ReadonlyArray<A>, turn: number): A => list[turn % list.length] as A

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")
const heap = (): number => {
  collect()
  return process.memoryUsage().heapUsed / 1024 / 1024
}

/** What is done on a graph of one size. */
const onGraph = (kernel: KernelService, ada: Authority, size: number, db: DatabaseSync) => {
  const call = (path: string, params?: object) =>
    Effect.runSync(kernel.call(ada, params === undefined ? { path } : { path, params }))
  const hot = Array.from({ length: 1_000 }, (_, n) => scattered(n, size))
  const inner = hot.map((i) => Math.floor(i / 10))
  const picks = zipf(50_000, size)
  const row = db.prepare("SELECT * FROM nodes WHERE key = ?")
  const texts = {
    get: hot.map((i) => `${pathOf(i)}::get`),
    zipf: picks.map((i) => `${pathOf(i)}::get`),
    children: inner.map((i) => `${pathOf(i)}::listChildren`),
    links: inner.map((i) => `${pathOf(i * 10)}::getLinks`),
    ids: hot.map((i) => `@${idOf(i)}`)
  }
  const links = { edgeClass: D.likes.ref, limit: manyEdges }
  return {
    get: { turns: manyTurns, run: (turn: number) => call(at(texts.get, turn)) },
    zipf: { turns: manyTurns, run: (turn: number) => call(at(texts.zipf, turn)) },
    rawZipf: { turns: manyTurns, run: (turn: number) => row.get(firstKey + at(picks, turn)) },
    mask: { turns: manyTurns, run: (turn: number) => Effect.runSync(kernel.mask(ada, at(texts.ids, turn))) },
    children: { turns: manyTurns / 5, run: (turn: number) => call(at(texts.children, turn)) },
    links: { turns: manyTurns / 5, run: (turn: number) => call(at(texts.links, turn), links) }
  }
}

type Job = ReturnType<typeof onGraph>

/** Runs `use` with a kernel on the graph in a folder, which is made if there is none. */
const withGraph = <A>(folder: string, size: number, cacheNodes: number, use: (job: Job) => Effect.Effect<A>) =>
  Effect.gen(function* () {
    const kernel = yield* Kernel
    const { write } = yield* Database
    const found = yield* write((tx) => Effect.succeed(tx.prepare("SELECT id FROM nodes WHERE slug = 'ada'").get()))
    const { ada } = found === undefined ? yield* setUp : { ada: Authority.identity(String(found.id)) }
    if (found === undefined) yield* fill(size, { words: true })
    const db = new DatabaseSync(join(folder, "data.db"), { readOnly: true })
    const result = yield* use(onGraph(kernel, ada, size, db))
    db.close()
    return result
  }).pipe(Effect.provide(kernelIn(folder, { cacheNodes })), Effect.orDie)

const compare = (large: Job, small: Job) =>
  Effect.sync((): ReadonlyArray<Line> => {
    const line = (what: string, of: (job: Job) => Work, budget = most) =>
      atMostTimes(`${what}: ${many} nodes to ${few}`, versus(of(large), of(small)), budget)
    return [
      line("get by path, 1,000 hot nodes", (job) => job.get),
      line("get by path, Zipf", (job) => job.zipf),
      line("(a raw select by integer key, Zipf)", (job) => job.rawZipf, Number.POSITIVE_INFINITY),
      line("permission check", (job) => job.mask),
      line("listChildren, 10", (job) => job.children),
      line("getLinks, 10", (job) => job.links)
    ]
  })

/** Megabytes of heap after many gets, with room for few nodes. */
const heldBy = (job: Job) =>
  Effect.sync(() => {
    for (let turn = 0; turn < gets; turn++) job.zipf.run(turn)
    return heap()
  })

await inFolder((folder) =>
  Effect.gen(function* () {
    const [large, small] = [join(folder, "many"), join(folder, "few")]
    for (const each of [large, small]) mkdirSync(each)
    report(
      yield* withGraph(small, few, defaultCache, (smallJob) =>
        withGraph(large, many, defaultCache, (largeJob) => compare(largeJob, smallJob))
      )
    )
    const little = yield* withGraph(small, few, smallCache, heldBy)
    const much = yield* withGraph(large, many, smallCache, heldBy)
    report([
      {
        what: `heap after ${gets} gets, with room for ${smallCache} nodes: ${many} nodes to ${few}`,
        measured: `${much.toFixed(1)} to ${little.toFixed(1)} MB`,
        budget: "<= 1.3 x",
        ok: much <= little * most
      }
    ])
  })
)
