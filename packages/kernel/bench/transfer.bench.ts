// What files cost: importing rows beside the driver inserting the same, and exporting beside the driver reading them; and
// that neither holds more the more there is.
// Run: node packages/kernel/bench/transfer.bench.ts [nodes]   (that are exported; default 100,000)

import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { report } from "../../gate/bench/report.ts"
import { type Authority, Kernel } from "../src/index.ts"
import { type Baseline, openBaseline } from "./support/baseline.ts"
import { fill } from "./support/graph.ts"
import { D, inFolder, kernelIn, setUp } from "./support/store.ts"
import { atLeast, spent, summary, told } from "./support/timing.ts"

const size = Number(process.argv[2] ?? 100_000)
const body = "what there is to say about it in ten words"
const props = { [K.Named.name.key]: "node one", [D.Thing.text.key]: body }
const propsText = JSON.stringify(props)
const row = Buffer.from(`${JSON.stringify({ class: D.Thing.ref, parent: "/tree/n0", props })}\n`)
const rows = 5_000
// A million nodes take long enough once.
const rounds = size > 300_000 ? 1 : 7
const mebibyte = 1_048_576

const file = Buffer.concat(Array.from({ length: rows }, () => row))
const piecesOf = (bytes: Uint8Array) =>
  Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, n) => bytes.subarray(n * 65_536, (n + 1) * 65_536))

/** Both in turn by processor time, in microseconds for each of `count`. */
const inTurn = async (count: number, ours: () => Promise<unknown>, raw: () => void) => {
  const all: Array<readonly [number, number]> = []
  for (let round = 0; round <= rounds; round++) {
    const first = spent()
    await ours()
    const second = spent()
    raw()
    const third = spent()
    if (round > 0) all.push([(second - first) / count, (third - second) / count])
  }
  return summary(all)
}

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

/** Bytes of the heap that somebody holds. */
const held = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const importing = (ada: Authority, baseline: Baseline) =>
  Effect.gen(function* () {
    const kernel = yield* Kernel
    const once = Effect.suspend(() =>
      kernel.call(ada, { path: K.Node.import.path, input: Stream.fromIterable(piecesOf(file)) })
    )
    const insert = () => {
      for (let done = 0; done < rows; done += 1_000) {
        baseline.db.exec("BEGIN IMMEDIATE")
        for (let n = 0; n < 1_000; n++) baseline.create(propsText, body, { seq: n === 0 })
        baseline.db.exec("COMMIT")
      }
    }
    const result = yield* Effect.promise(() => inTurn(rows, () => Effect.runPromise(once), insert))
    report([
      atLeast(
        "import of JSON lines, a node a row, to the driver inserting the same rows by thousands",
        result,
        0.2,
        `${Math.round(1e6 / result.ours).toLocaleString("en")} rows a second`
      )
    ])
  })

const exporting = (ada: Authority, baseline: Baseline) =>
  Effect.gen(function* () {
    const kernel = yield* Kernel
    const lines = { count: 0, bytes: 0 }
    const exported = (each: (piece: Uint8Array) => void) =>
      Effect.gen(function* () {
        const { result } = yield* kernel.call(ada, { path: K.Node.export.path, params: { under: "/tree" } })
        // Boundary: what the contract of `export` says.
        const pieces = result as Stream.Stream<Uint8Array>
        yield* Stream.runForEach(pieces, (piece) => Effect.sync(() => each(piece)))
      })
    const once = Effect.suspend(() => {
      lines.count = lines.bytes = 0
      return exported((piece) => {
        lines.bytes += piece.length
        for (let at = piece.indexOf(0x0a); at >= 0; at = piece.indexOf(0x0a, at + 1)) lines.count++
      })
    })
    const select = baseline.db.prepare("SELECT * FROM nodes ORDER BY parent, slug")
    const edges = baseline.db.prepare("SELECT * FROM edges ORDER BY source, class, target, slug")
    const read = () => {
      let lines = 0
      for (const statement of [select, edges])
        for (const each of statement.iterate()) lines += JSON.stringify(each).length
      return lines
    }
    const result = yield* Effect.promise(() => inTurn(size, () => Effect.runPromise(once), read))
    let pieces = 0
    let most = 0
    const before = held()
    yield* exported(() => {
      if (pieces++ % 300 === 0) most = Math.max(most, held() - before)
    })
    report([
      atLeast(
        "export of JSON lines, by node, to the driver reading all rows of nodes and edges as JSON",
        result,
        0.1,
        `${Math.round(1e6 / result.ours).toLocaleString("en")} nodes a second`
      ),
      told(
        `what an export of ${lines.count.toLocaleString("en")} lines holds of the heap at most, its caches included`,
        `${Math.round(most / mebibyte)} MiB, of a file of ${Math.round(lines.bytes / mebibyte)} MiB`
      )
    ])
  })

await inFolder((folder) =>
  Effect.gen(function* () {
    const { ada } = yield* setUp
    yield* fill(size, { words: true })
    const copy = join(folder, "copy.db")
    const source = new DatabaseSync(join(folder, "data.db"), { readOnly: true })
    source.exec(`VACUUM INTO '${copy}'`)
    source.close()
    const baseline = openBaseline(copy, "NORMAL", "n0", "class.Thing")
    yield* exporting(ada, baseline)
    yield* importing(ada, baseline)
    baseline.db.close()
  }).pipe(Effect.provide(kernelIn(folder)), Effect.orDie)
)
