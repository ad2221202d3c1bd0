// What writes cost in process, beside the driver writing the same rows by hand into a copy of the file, in the same run.
// Run: node packages/kernel/bench/create.bench.ts [nodes]   (that there are before; default 100,000)

import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { median, report } from "../../gate/bench/report.ts"
import { type Authority, Kernel } from "../src/index.ts"
import { type Baseline, openBaseline } from "./support/baseline.ts"
import { fill } from "./support/graph.ts"
import { D, inFolder, kernelIn, setUp } from "./support/store.ts"
import { atLeast, now, spent, summary, told, type Versus } from "./support/timing.ts"

const size = Number(process.argv[2] ?? 100_000)
const body = "what there is to say about it in ten words"
const props = { [K.Named.name.key]: "node one", [D.Thing.text.key]: body }
const propsText = JSON.stringify(props)
const node = { class: D.Thing.ref, parent: "/tree/n0", props }
const rounds = 9

/** Both in turn, by the time that passes and by processor time, in microseconds for each of `count`. */
const inTurn = async (count: number, ours: () => Promise<unknown>, raw: () => void) => {
  const [passed, used]: [Array<readonly [number, number]>, Array<readonly [number, number]>] = [[], []]
  const take = async (run: () => unknown) => {
    const [wall, cpu] = [now(), spent()]
    await run()
    return { wall: ((now() - wall) * 1_000) / count, cpu: (spent() - cpu) / count }
  }
  for (let round = 0; round <= rounds; round++) {
    const one = await take(ours)
    const other = await take(raw)
    if (round === 0) continue
    passed.push([one.wall, other.wall])
    used.push([one.cpu, other.cpu])
  }
  return { passed: summary(passed), used: summary(used) }
}

const byCpu = (versus: Versus) =>
  `by processor time ${versus.ratio.toFixed(2)} x (${versus.ours.toFixed(1)} to ${versus.raw.toFixed(1)} us)`
const byWall = (versus: Versus) =>
  `by the clock less what others ran ${versus.ratio.toFixed(2)} x (${versus.ours.toFixed(1)} to ${versus.raw.toFixed(1)} us)`

const transaction = ({ db }: Baseline, run: () => void): void => {
  db.exec("BEGIN IMMEDIATE")
  run()
  db.exec("COMMIT")
}

const batches = (ada: Authority, baseline: Baseline) =>
  Effect.gen(function* () {
    const kernel = yield* Kernel
    const [changes, times] = [1_000, 3]
    const ops = Array.from({ length: changes }, () => ({ op: "createNode", ...node }))
    const mutate = kernel.call(ada, { path: K.Node.mutate.path, params: { ops } })
    const result = yield* Effect.promise(() =>
      inTurn(
        changes * times,
        async () => {
          for (let time = 0; time < times; time++) await Effect.runPromise(mutate)
        },
        () => {
          for (let time = 0; time < times; time++) {
            transaction(baseline, () => {
              for (let n = 0; n < changes; n++) baseline.create(propsText, body, { seq: n === 0 })
            })
          }
        }
      )
    )
    report([
      atLeast(
        "createNode in batches of 1,000 (mutate), by processor time, to the driver writing the same rows",
        result.used,
        0.4,
        byWall(result.passed)
      )
    ])
  })

const singles = (ada: Authority, baseline: Baseline, writers: number, least: number | undefined) =>
  Effect.gen(function* () {
    const kernel = yield* Kernel
    const count = writers * 32
    const create = kernel.call(ada, { path: K.Node.createNode.path, params: node })
    const writer = Effect.forEach(Array.from({ length: count / writers }), () => create, { discard: true })
    const all = Effect.all(
      Array.from({ length: writers }, () => writer),
      { concurrency: "unbounded", discard: true }
    )
    const result = yield* Effect.promise(() =>
      inTurn(
        count,
        () => Effect.runPromise(all),
        () => {
          for (let done = 0; done < count; done += writers) {
            transaction(baseline, () => {
              for (let n = 0; n < writers; n++) baseline.create(propsText, body, { seq: true })
            })
          }
        }
      )
    )
    const what = `createNode by itself, durable, ${writers} writers, to the driver committing ${writers} at a time`
    const { passed, used } = result
    report([
      least === undefined ? told(what, `${byWall(passed)}; ${byCpu(used)}`) : atLeast(what, passed, least, byCpu(used))
    ])
  })

/** A turn of the event loop and a get, as a request has it that comes while others write. */
const readsBeside = (ada: Authority) =>
  Effect.gen(function* () {
    const kernel = yield* Kernel
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const get = kernel.call(ada, { path: "/tree/n0::get" })
    const once = async () => {
      const [begin, started] = [now(), performance.now()]
      await turn()
      await Effect.runPromise(get)
      // What others ran is told late, so that it may be taken off the turn behind.
      return Math.min(now() - begin, performance.now() - started)
    }
    const alone: Array<number> = []
    for (let n = 0; n < 2_000; n++) alone.push(yield* Effect.promise(once))
    const create = kernel.call(ada, { path: K.Node.createNode.path, params: node })
    const writers = yield* Effect.forEach(Array.from({ length: 64 }), () => Effect.forkChild(Effect.forever(create)))
    const beside: Array<number> = []
    for (let n = 0; n < 2_000; n++) beside.push(yield* Effect.promise(once))
    for (const fiber of writers) fiber.interruptUnsafe()
    const at = (times: ReadonlyArray<number>, part: number) =>
      times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN
    const shown = (times: ReadonlyArray<number>) =>
      `p50 ${median(times).toFixed(2)} ms, p99 ${at(times, 0.99).toFixed(2)} ms`
    report([
      {
        what: "get and a turn of the event loop beside 64 durable writers, p99",
        measured: `${shown(beside)} (alone ${shown(alone)})`,
        budget: "< 2 ms",
        ok: at(beside, 0.99) < 2
      }
    ])
  })

const measure = (folder: string) =>
  Effect.gen(function* () {
    const { ada } = yield* setUp
    yield* fill(size, { words: true })
    const copy = join(folder, "copy.db")
    const source = new DatabaseSync(join(folder, "data.db"), { readOnly: true })
    source.exec(`VACUUM INTO '${copy}'`)
    source.close()
    const baseline = openBaseline(copy, "FULL", "n0", "class.Thing")
    console.log(`${size} nodes before\n`)
    yield* batches(ada, baseline)
    yield* singles(ada, baseline, 64, 0.5)
    yield* singles(ada, baseline, 1, undefined)
    yield* readsBeside(ada)
    baseline.db.close()
  }).pipe(Effect.provide(kernelIn(folder, { synchronous: "FULL" })))

await inFolder(measure)
