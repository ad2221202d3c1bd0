import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "@effect/vitest"
import type { DatabaseService } from "@portico/gate/database"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { temporaryFolder } from "./temporaryFolder.ts"

const insert = (database: DatabaseService, text: string) =>
  database.write((tx) => Effect.sync(() => tx.prepare("INSERT INTO note VALUES (?)").run(text)))

/** Our database, and a connection of another program to its file. */
const shared = (options: { readonly maxLogMiB?: number } = {}) =>
  Effect.gen(function* () {
    const filename = join(yield* temporaryFolder, "test.db")
    const database = yield* SqliteDatabase.make({ filename, busyTimeout: 1_000, ...options })
    yield* database.write((tx) => Effect.sync(() => tx.exec("CREATE TABLE note (text TEXT) STRICT")))
    const other = yield* Effect.acquireRelease(
      Effect.sync(() => new DatabaseSync(filename)),
      (db) => Effect.sync(() => db.close())
    )
    const count = () => database.embedded.read.prepare("SELECT count(*) AS n FROM note").get()?.n
    return { database, other, count }
  })

const turns = Effect.forEach(Array.from({ length: 10 }), () => Effect.yieldNow, { discard: true })

describe("while another program holds the write lock (abuse 50)", () => {
  it.effect("writes wait without holding up readers, and go through when it lets go", () =>
    Effect.gen(function* () {
      const { database, other, count } = yield* shared()
      other.exec("BEGIN IMMEDIATE")
      const write = yield* Effect.forkChild(insert(database, "a"))
      const statement = yield* Effect.forkChild(database.sql`INSERT INTO note VALUES ('b')`)
      yield* turns
      yield* TestClock.adjust("500 millis")
      expect(count()).toBe(0)
      other.exec("ROLLBACK")
      yield* TestClock.adjust("20 millis")
      yield* Fiber.join(write)
      yield* Fiber.join(statement)
      expect(count()).toBe(2)
    })
  )

  it.effect("writes fail with Locked after the timeout, and the next one is not affected", () =>
    Effect.gen(function* () {
      const { database, other, count } = yield* shared()
      other.exec("BEGIN IMMEDIATE")
      const write = yield* Effect.forkChild(Effect.flip(insert(database, "a")))
      yield* turns
      yield* TestClock.adjust("2 seconds")
      expect(yield* Fiber.join(write)).toMatchObject({ _tag: "DatabaseError", reason: "Locked", status: 503 })
      const transaction = yield* Effect.forkChild(
        Effect.flip(database.sql.withTransaction(database.sql`INSERT INTO note VALUES ('b')`))
      )
      yield* turns
      yield* TestClock.adjust("2 seconds")
      expect((yield* Fiber.join(transaction)).reason).toMatchObject({ _tag: "LockTimeoutError", isRetryable: true })
      other.exec("ROLLBACK")
      yield* insert(database, "c")
      expect(count()).toBe(1)
    })
  )
})

describe("while another program keeps reading (abuse 51)", () => {
  it.effect("the write-ahead log is bounded: writes are refused with Full until it ends", () =>
    Effect.gen(function* () {
      const { database, other, count } = yield* shared({ maxLogMiB: 1 })
      other.exec("BEGIN; SELECT count(*) FROM note")
      other.prepare("SELECT count(*) FROM note").get()
      const big = insert(database, "x".repeat(50_000))
      const error = yield* Effect.flip(Effect.forEach(Array.from({ length: 200 }), () => big, { discard: true }))
      expect(error).toMatchObject({ reason: "Full" })
      expect(error.message).toContain("keeps reading")
      const before = Number(count())
      expect(before).toBeGreaterThan(0)
      other.exec("COMMIT")
      yield* big
      expect(count()).toBe(before + 1)
    })
  )
})
