import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "@effect/vitest"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { Effect } from "effect"
import { makeReadView } from "../../src/sqlite/internal/readView.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

const insert = "INSERT INTO note VALUES ('a')"
const nextTurn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

const opened = (file: string) =>
  Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(file)),
    (db) => Effect.sync(() => db.close())
  )

/** Our database with an empty table, and a connection of another program to its file. */
const shared = Effect.gen(function* () {
  const filename = join(yield* temporaryFolder, "test.db")
  const database = yield* SqliteDatabase.make({ filename })
  yield* database.write((tx) => Effect.sync(() => tx.exec("CREATE TABLE note (text TEXT) STRICT")))
  const count = () => database.embedded.read.prepare("SELECT count(*) AS n FROM note").get()?.n
  return { database, count, other: yield* opened(filename) }
})

describe("what readers see", () => {
  it.effect("is one commit for the whole of a turn, and in the next turn the last one", () =>
    Effect.gen(function* () {
      const { count, other } = yield* shared
      yield* nextTurn
      expect(count()).toBe(0)
      other.exec(insert)
      expect(count()).toBe(0)
      yield* nextTurn
      expect(count()).toBe(1)
    })
  )

  it.effect("is what this process has committed, also in the turn in which they have read before", () =>
    Effect.gen(function* () {
      const { count, database } = yield* shared
      expect(count()).toBe(0)
      yield* database.sql.unsafe(insert)
      expect(count()).toBe(1)
      yield* database.sql.withTransaction(database.sql.unsafe(insert))
      expect(count()).toBe(2)
      yield* database.write((tx) => Effect.sync(() => tx.exec(insert)))
      expect(count()).toBe(3)
    })
  )

  it.effect("keeps nobody from clearing the log once the turn is over", () =>
    Effect.gen(function* () {
      const { count, database, other } = yield* shared
      yield* database.write((tx) => Effect.sync(() => tx.exec(insert)))
      expect(count()).toBe(1)
      yield* nextTurn
      expect(other.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()).toMatchObject({ busy: 0 })
    })
  )

  it.effect("keeps the log from growing no more than if nobody read", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "test.db")
      const db = yield* opened(file)
      db.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE note (text TEXT) STRICT")
      const reader = yield* opened(file)
      const view = yield* makeReadView(reader)
      for (let commit = 1; commit <= 50; commit++) {
        view.use()
        expect(reader.prepare("SELECT count(*) AS n FROM note").get()?.n).toBe(commit - 1)
        view.hold()
        db.exec(insert)
        expect(reader.prepare("SELECT count(*) AS n FROM note").get()?.n).toBe(commit - 1)
        view.letGo()
        const { log } = db.prepare("PRAGMA wal_checkpoint(PASSIVE)").get() ?? {}
        expect(log).toBeLessThan(5)
      }
    })
  )
})
