import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Semaphore } from "effect"
import { makeBatchWriter } from "../../src/sqlite/internal/batchWriter.ts"
import { makeCheckpointer } from "../../src/sqlite/internal/checkpointer.ts"
import { makeDurableLog, syncLog } from "../../src/sqlite/internal/durableLog.ts"
import { makeReadView } from "../../src/sqlite/internal/readView.ts"
import { makeWriteGroup } from "../../src/sqlite/internal/writeGroup.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

const opened = (file: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const db = new DatabaseSync(file, { timeout: 0 })
      db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0")
      db.exec("CREATE TABLE IF NOT EXISTS note (text TEXT) STRICT")
      return db
    }),
    (db) => Effect.sync(() => db.close())
  )

/** `write` on a file, whose log is synced by `sync`, and what readers see. */
const writing = (sync: Effect.Effect<void, unknown>) =>
  Effect.gen(function* () {
    const file = join(yield* temporaryFolder, "test.db")
    const db = yield* opened(file)
    const reader = yield* opened(file)
    const log = makeDurableLog(yield* makeReadView(reader), sync)
    const write = yield* makeWriteGroup({
      writer: makeBatchWriter(db, () => 0, log.committing),
      log,
      gate: yield* Semaphore.make(1),
      busyTimeout: 0,
      now: () => 0,
      before: Effect.void,
      admit: () => undefined,
      holdsGate: () => false
    })
    const insert = (text: string) =>
      write((tx) => Effect.sync(() => tx.prepare("INSERT INTO note VALUES (?)").run(text).changes))
    const count = () => reader.prepare("SELECT count(*) AS n FROM note").get()?.n
    return { insert, count, write }
  })

describe("a durable commit", () => {
  it.effect("keeps nobody from reading, and is neither answered nor seen before it is on the disk", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const done = yield* Deferred.make<void>()
      const { count, insert } = yield* writing(Effect.andThen(Deferred.succeed(asked, undefined), Deferred.await(done)))
      const one = yield* Effect.forkChild(insert("one"))
      yield* Deferred.await(asked)
      const two = yield* Effect.forkChild(insert("two"))
      for (let turn = 0; turn < 20; turn++) yield* Effect.yieldNow
      expect(count()).toBe(0)
      expect([one.pollUnsafe(), two.pollUnsafe()]).toEqual([undefined, undefined])
      yield* Deferred.succeed(done, undefined)
      yield* Fiber.join(one)
      expect(count()).toBe(1)
      yield* Fiber.join(two)
      expect(count()).toBe(2)
    })
  )

  it.effect("that the disk fails to take is of an unknown end, and nothing is written or seen after it", () =>
    Effect.gen(function* () {
      let fails = false
      const { count, insert } = yield* writing(Effect.suspend(() => (fails ? Effect.fail("EIO") : Effect.void)))
      yield* insert("one")
      fails = true
      expect(yield* Effect.flip(insert("two"))).toMatchObject({ reason: "Unknown", status: 503, cause: "EIO" })
      fails = false
      expect(yield* Effect.flip(insert("three"))).toMatchObject({ reason: "ReadOnly", status: 503, cause: "EIO" })
      expect(count()).toBe(1)
    })
  )

  it.effect("that fails lets readers go on to the next", () =>
    Effect.gen(function* () {
      const { count, insert, write } = yield* writing(Effect.void)
      yield* write((tx) => Effect.sync(() => tx.exec("CREATE TABLE child (note INTEGER)")))
      yield* write((tx) =>
        Effect.sync(() => {
          tx.exec("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
          tx.exec("CREATE TABLE kin (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
        })
      )
      const orphan = write((tx) => Effect.sync(() => tx.prepare("INSERT INTO kin VALUES (7)").run()))
      expect((yield* Effect.flip(orphan)).reason).toBe("Other")
      yield* insert("one")
      expect(count()).toBe(1)
    })
  )

  it.effect("is synced to the log beside the file", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "test.db")
      const sync = yield* syncLog(file)
      expect(yield* Effect.isFailure(sync)).toBe(true)
      yield* opened(file)
      yield* sync
      yield* sync
    })
  )
})

describe("the log", () => {
  it.effect("is copied back by another thread, for which commits wait once it is long, and then begins anew", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "test.db")
      const db = yield* opened(file)
      const before = yield* makeCheckpointer(file, db, { enough: 10, tooMany: 40 })
      const insert = db.prepare("INSERT INTO note VALUES (?)")
      const longest = Effect.gen(function* () {
        let most = 0
        for (let commit = 0; commit < 400; commit++) {
          yield* before
          insert.run("x".repeat(4_000))
          most = Math.max(most, Number(db.prepare("PRAGMA wal_checkpoint(NOOP)").get()?.log))
        }
        return most
      })
      // Each commit writes two pages or three, and every eighth looks.
      expect(yield* longest).toBeLessThan(40 + 8 * 6)
      expect(db.prepare("SELECT count(*) AS n FROM note").get()?.n).toBe(400)
    })
  )
})
