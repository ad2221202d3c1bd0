import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Kernel } from "../../src/index.ts"
import { call, create, get, grant, onKernel, refused, rows, user } from "../support/kernel.ts"

const count = (table: string, where = "1 = 1") =>
  Effect.map(rows(`SELECT count(*) AS n FROM ${table} WHERE ${where}`), ([row]) => Number(row?.n))

/** Lets the sweep have its writes, which come a turn of the event loop apart, or the next one where one is under way. */
const until = Effect.fnUntraced(function* (table: string, where: string, wanted: number) {
  for (let turns = 0; turns < 10_000 && (yield* count(table, where)) !== wanted; turns++) {
    yield* Effect.yieldNow
    if (turns % 100 === 99) yield* TestClock.adjust("1 hour")
  }
  expect(yield* count(table, where)).toBe(wanted)
})

describe("what was deleted", () => {
  it.effect("can be restored for 30 days, and is gone with all its rows after them", () =>
    onKernel(
      Effect.gen(function* () {
        const ada = yield* user("ada")
        const nodes = yield* count("nodes")
        const edges = yield* count("edges")
        yield* create("/big")
        const paths = ["/big"]
        for (let i = 0; i < 60; i++) {
          const path = `${paths[(i * 7) % paths.length]}/${i}`
          paths.push(path)
          yield* create(path)
        }
        yield* grant(ada.path, "/big/0", ["READ"])
        const { id } = yield* get("/big")
        yield* call("/big::delete", { recursive: true })
        const { deleted } = yield* call(K.Node.listTrash.path)
        expect(deleted[0].until - deleted[0].deletedAt).toBe(30 * 86_400_000)
        yield* TestClock.adjust("29 days")
        yield* call(`@${id}::restore`)
        yield* call("/big::delete", { recursive: true })
        const seq = yield* (yield* Kernel).seq
        yield* TestClock.adjust("29 days")
        expect(yield* count("nodes", `id = '${id}'`)).toBe(1)
        yield* TestClock.adjust("2 days")
        yield* until("trash", "1 = 1", 0)
        expect(yield* count("nodes")).toBe(nodes)
        expect(yield* count("edges")).toBe(edges)
        expect((yield* refused(`@${id}::restore`)).code).toBe("NOT_FOUND")
        // Nobody can see any of it, so it is no commit.
        expect(yield* (yield* Kernel).seq).toBe(seq)
      })
    )
  )
})

describe("history", () => {
  it.effect("is kept for 90 days", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const then = yield* (yield* Kernel).seq
        yield* TestClock.adjust("80 days")
        yield* call("/a::update", { props: { name: "later" } })
        yield* TestClock.adjust("11 days")
        yield* until("node_changes", "1 = 1", 1)
        expect((yield* call("/a::history")).changes).toMatchObject([{ op: "update" }])
        expect((yield* refused("/a::restore", { seq: then - 1 })).code).toBe("CHANGES_EXPIRED")
        yield* call("/a::restore", { seq: then })
        expect((yield* get("/a")).props).toEqual({})
      })
    )
  )
})
