import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "@effect/vitest"
import { DatabaseError, type Steps, type SyncConnection, step } from "@portico/gate/database"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { type BatchOutcome, makeBatchWriter } from "../../src/sqlite/internal/batchWriter.ts"
import { type PendingWrite, WriteRequest } from "../../src/sqlite/internal/writeRequest.ts"

/** A writer on a table of its own, for which each request takes `costs` milliseconds. */
const writer = (costs: number) => {
  let time = 0
  const db = new DatabaseSync(":memory:")
  db.exec("CREATE TABLE mark (n INTEGER)")
  const made: Array<number> = []
  const request = (n: number): PendingWrite => ({
    cancelled: false,
    isLong: false,
    refusal: undefined,
    *run(tx) {
      tx.prepare("INSERT INTO mark VALUES (?)").run(n)
      made.push(n)
      time += costs
      return true
    },
    settle: () => {}
  })
  const { begin, active } = makeBatchWriter(db, () => time)
  /** Runs a batch; gives how many requests each stretch of it ran, and what came of it. */
  const run = (batch: ReadonlyArray<PendingWrite>) => {
    const running = begin(batch)
    if (running instanceof DatabaseError) throw running
    const stretches: Array<number> = []
    let outcome: BatchOutcome | undefined
    while (outcome === undefined) {
      const before = made.length
      outcome = running.stretch()
      expect(active()).toBe(false)
      stretches.push(made.length - before)
    }
    return { stretches, outcome, inStore: db.prepare("SELECT count(*) AS n FROM mark").get()?.n }
  }
  return { request, run }
}

describe("a batch of writes", () => {
  it("stops now and then, so that readers get a turn, and is one transaction all the same", () => {
    const { request, run } = writer(0.2)
    const { inStore, outcome, stretches } = run([1, 2, 3, 4, 5, 6, 7].map(request))
    expect(stretches).toEqual([3, 3, 1])
    expect(outcome).toEqual({ count: 7, refusal: undefined })
    expect(inStore).toBe(7)
  })

  it("commits in a stretch of its own where the one before was used up", () => {
    const { request, run } = writer(0.6)
    expect(run([1, 2].map(request)).stretches).toEqual([1, 1, 0])
    expect(run([3].map(request)).stretches).toEqual([1, 0])
  })

  it("is made in one stretch where there is time", () => {
    const { request, run } = writer(0.01)
    expect(run(Array.from({ length: 40 }, (_, n) => request(n))).stretches).toEqual([40])
  })

  it("passes by those that were given up while it ran", () => {
    const { request, run } = writer(1)
    const givenUp = request(2)
    const first: PendingWrite = {
      ...request(1),
      *run() {
        givenUp.cancelled = true
        return true
      }
    }
    const { inStore, outcome } = run([first, givenUp, request(3)])
    expect(outcome).toEqual({ count: 3, refusal: undefined })
    expect(inStore).toBe(1)
  })
})

describe("a long write that puts off much", () => {
  it("keeps nobody waiting for longer than one that does not, on the way and at its end", () => {
    let time = 0
    let made = 0
    const db = new DatabaseSync(":memory:")
    const { begin } = makeBatchWriter(db, () => time)
    const work = function* (tx: SyncConnection): Steps<void> {
      for (let n = 0; n < 3_000; n++) {
        yield* step(() =>
          tx.putOff?.add(() => {
            time += 0.1
            made++
          })
        )
      }
      return Effect.void
    }
    const running = begin([new WriteRequest(work, true, Context.empty(), () => {})])
    if (running instanceof DatabaseError) throw running
    let longest = 0
    let outcome: BatchOutcome | undefined
    while (outcome === undefined) {
      const before = time
      outcome = running.stretch()
      longest = Math.max(longest, time - before)
    }
    expect(outcome).toEqual({ count: 1, refusal: undefined })
    expect([made, longest < 0.7]).toEqual([3_000, true])
  })
})
