import { expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import { describeWithPostgres } from "@portico/test-support/postgres"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Change } from "../../src/internal/changes/Change.ts"
import { onOneDatabase, type Process } from "./support.ts"

const unbounded = { concurrency: "unbounded" } as const

/** What a process tells a watcher, up to the node with this path. */
const toldUntil = (process: Process, since: number, last: string) =>
  Effect.flatMap(process.call(K.Node.changes.path, { since }), (stream: Stream.Stream<Change, unknown>) =>
    stream.pipe(
      Stream.takeUntil((change) => change.node?.path === last),
      Stream.runCollect
    )
  )

const order = ({ part, seq }: Change): number => seq * 10_000 + part

describeWithPostgres("changes of several processes on one database", () => {
  it.live("are told on each of them, each once and in one order, while they are made", () =>
    Effect.gen(function* () {
      const { start } = yield* onOneDatabase
      const all = [yield* start, yield* start]
      const [one] = all
      if (one === undefined) return
      const make = (process: Process, path: string) =>
        process.call(K.Node.createNode.path, { class: K.Folder.ref, path })
      yield* make(one, "/first")
      const { rev: since } = yield* one.call("/first::get")
      const writing = Effect.forEach(
        all.flatMap((process, at) => Array.from({ length: 40 }, (_, i) => [process, `/p${at}-${i}`] as const)),
        ([process, path]) =>
          Effect.andThen(make(process, path), process.call(`${path}::update`, { props: { name: path } })),
        { concurrency: 16 }
      )
      const watching = Effect.all(
        all.map((process) => toldUntil(process, since, "/last")),
        unbounded
      )
      const [told] = yield* Effect.all([watching, Effect.andThen(writing, make(one, "/last"))], unbounded)
      const [first, second] = told.map((changes) =>
        changes.map((change) => [order(change), change.op, change.node?.path])
      )
      expect(first).toEqual(second)
      const orders = (first ?? []).map(([at]) => at)
      expect(orders).toEqual([...new Set(orders)].sort((a, b) => Number(a) - Number(b)))
      const ops = (first ?? []).map(([, op, path]) => `${op} ${path}`)
      const wanted = [0, 1].flatMap((at) =>
        Array.from({ length: 40 }, (_, i) => [`create /p${at}-${i}`, `update /p${at}-${i}`]).flat()
      )
      expect([...ops].sort()).toEqual([...wanted, "create /last"].sort())
      // Resumed in the middle, each process goes on with just the rest.
      const middle = told[0]?.[80]
      for (const process of all) {
        const rest = yield* toldUntil(process, middle?.seq ?? 0, "/last")
        expect(rest).toEqual(told[0]?.filter(({ seq }) => seq > (middle?.seq ?? 0)))
      }
    }).pipe(Effect.scoped)
  )
})
