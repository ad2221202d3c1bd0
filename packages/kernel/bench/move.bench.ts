// What a move costs by the size of what is moved: it has to be the same for one node and for a hundred thousand.
// Run: node packages/kernel/bench/move.bench.ts [nodes]

import { Database } from "@portico/gate/database"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { report } from "../../gate/bench/report.ts"
import { Authority, Kernel } from "../src/index.ts"
import { inFolder, kernelIn, setUp } from "./support/store.ts"
import { atMostTimes, now, summary } from "./support/timing.ts"

const many = Number(process.argv[2] ?? 100_000)
const rounds = 40

const measure = (folder: string) =>
  Effect.gen(function* () {
    yield* setUp
    const kernel = yield* Kernel
    const { write } = yield* Database
    const call = (path: string, params: object) => kernel.call(Authority.system, { path, params })
    for (const path of ["/here", "/there", "/here/large", "/here/small"]) {
      yield* call(K.Node.createNode.path, { class: K.Folder.ref, path })
    }
    yield* write((tx) =>
      Effect.sync(() => {
        const top = tx.prepare("SELECT key, class FROM nodes WHERE slug = 'large'").get()
        const insert = tx.prepare(
          `INSERT INTO nodes (key, id, parent, slug, class, rev, created_at, updated_at, props, holds)
           VALUES (?, ?, ?, ?, ?, 1, 0, 0, '{}', 1)`
        )
        const first = 10_000_000
        for (let i = 0; i < many; i++) {
          const parent = i < 10 ? Number(top?.key) : first + Math.floor(i / 10) - 1
          insert.run(first + i, `i${i}`, parent, `s${i}`, top?.class ?? null)
        }
        tx.prepare("UPDATE nodes SET holds = 1 WHERE key = ?").run(top?.key ?? null)
      })
    )
    const move = (name: string, from: string, to: string) =>
      Effect.gen(function* () {
        const begin = now()
        yield* call(`/${from}/${name}::move`, { to: `/${to}` })
        return (now() - begin) * 1_000
      })
    const times: Array<readonly [number, number]> = []
    for (let round = 0; round < rounds; round++) {
      const [from, to] = round % 2 === 0 ? (["here", "there"] as const) : (["there", "here"] as const)
      times.push([yield* move("large", from, to), yield* move("small", from, to)])
    }
    report([atMostTimes(`move of ${many} nodes, to a move of one`, summary(times.slice(4)), 1.5)])
  }).pipe(Effect.provide(kernelIn(folder)))

await inFolder(measure)
