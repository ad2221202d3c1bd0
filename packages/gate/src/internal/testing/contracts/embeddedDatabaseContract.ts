import assert from "node:assert/strict"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { DatabaseError, type DatabaseService, type EmbeddedDatabase } from "../../../contracts/Database.ts"
import { count, insert, insertNote, notes } from "./notes.ts"

type Test = (name: string, body: (database: DatabaseService) => Effect.Effect<void, unknown>) => void

const embedded = (database: DatabaseService): EmbeddedDatabase => {
  assert.equal(database.dialect, "sqlite")
  return database
}

/** What a database in this process does beyond the contract of all: one gate for everybody, and direct reads. */
export const embeddedChecks = (test: Test): void => {
  const seenBy = ({ embedded: { read } }: EmbeddedDatabase) =>
    Number(read.prepare("SELECT count(*) AS n FROM note").get()?.n)

  test("writes that arrive together share one transaction, which readers see whole or not at all", (database) =>
    Effect.gen(function* () {
      const outside = yield* Effect.forEach(
        Array.from({ length: 64 }, (_, index) => `note ${index}`),
        (text) =>
          database.write((tx) =>
            Effect.sync(() => {
              tx.prepare(insertNote).run(text)
              return seenBy(embedded(database))
            })
          ),
        { concurrency: "unbounded" }
      )
      assert.ok(outside.every((seen) => seen === 0))
      assert.equal(seenBy(embedded(database)), 64)
    }))

  test("the direct connection cannot write", (database) =>
    Effect.gen(function* () {
      const { read } = embedded(database).embedded
      assert.throws(() => read.exec("INSERT INTO note (text) VALUES ('x')"), /readonly/)
      assert.equal(yield* count(database), 0)
    }))

  test("writes wait for an open transaction", (database) =>
    Effect.gen(function* () {
      const { sql } = database
      const inside = yield* Deferred.make<void>()
      const finish = yield* Deferred.make<void>()
      const transaction = yield* sql`INSERT INTO note (text) VALUES ('slow')`.pipe(
        Effect.andThen(Deferred.succeed(inside, undefined)),
        Effect.andThen(Deferred.await(finish)),
        sql.withTransaction,
        Effect.forkChild
      )
      yield* Deferred.await(inside)
      const write = yield* Effect.forkChild(insert(database, "after"))
      for (let turn = 0; turn < 20; turn++) yield* Effect.yieldNow
      assert.equal(yield* count(database), 0)
      yield* Deferred.succeed(finish, undefined)
      yield* Fiber.join(transaction)
      yield* Fiber.join(write)
      assert.deepEqual(yield* notes(database), ["after", "slow"])
    }))

  test("a write whose fiber is interrupted before its commit is not made", (database) =>
    Effect.gen(function* () {
      const { sql } = database
      const inside = yield* Deferred.make<void>()
      const finish = yield* Deferred.make<void>()
      const transaction = yield* Deferred.succeed(inside, undefined).pipe(
        Effect.andThen(Deferred.await(finish)),
        sql.withTransaction,
        Effect.forkChild
      )
      yield* Deferred.await(inside)
      const given = yield* Effect.forkChild(insert(database, "given up"))
      const kept = yield* Effect.forkChild(insert(database, "kept"))
      for (let turn = 0; turn < 20; turn++) yield* Effect.yieldNow
      yield* Fiber.interrupt(given)
      yield* Deferred.succeed(finish, undefined)
      yield* Fiber.join(transaction)
      yield* Fiber.join(kept)
      assert.deepEqual(yield* notes(database), ["kept"])
    }))

  test("a request that makes SQLite drop the transaction fails the batch, not the ones behind it", (database) =>
    Effect.gen(function* () {
      yield* insert(database, "a")
      const hostile = database.write((tx) =>
        Effect.sync(() => tx.prepare("INSERT OR ROLLBACK INTO note (text) VALUES ('a')").run())
      )
      const [before, , after] = yield* Effect.all(
        [Effect.exit(insert(database, "b")), Effect.exit(hostile), Effect.exit(insert(database, "c"))],
        { concurrency: "unbounded" }
      )
      assert.equal(before._tag, "Failure")
      assert.ok(Exit.isFailure(before) && Cause.squash(before.cause) instanceof DatabaseError)
      assert.equal(after._tag, "Success")
      assert.deepEqual(yield* notes(database), ["a", "c"])
    }))

  test("a request that hides that SQLite dropped its transaction is not acknowledged", (database) =>
    Effect.gen(function* () {
      yield* insert(database, "a")
      const hiding = database.write((tx) =>
        Effect.sync(() => {
          tx.prepare("INSERT INTO note (text) VALUES ('lost')").run()
          assert.throws(() => tx.exec("INSERT OR ROLLBACK INTO note (text) VALUES ('a')"), /UNIQUE/)
        })
      )
      assert.ok((yield* Effect.flip(hiding)) instanceof DatabaseError)
      assert.deepEqual(yield* notes(database), ["a"])
    }))

  test("a full store refuses writes with Full, goes on reading, and recovers", (database) =>
    Effect.gen(function* () {
      yield* insert(database, "a")
      const limit = (pages: number) =>
        database.write((tx) => Effect.sync(() => void tx.prepare(`PRAGMA max_page_count = ${pages}`).get()))
      yield* limit(10)
      const big = insert(database, "x".repeat(200_000))
      const error = yield* Effect.flip(big)
      assert.ok(error instanceof DatabaseError)
      assert.deepEqual([error.reason, error.code, error.status], ["Full", "STORAGE_FULL", 507])
      assert.deepEqual(yield* notes(database), ["a"])
      yield* limit(1_000_000)
      yield* big
      assert.equal(yield* count(database), 2)
    }))
}
