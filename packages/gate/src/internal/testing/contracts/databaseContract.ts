import assert from "node:assert/strict"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import { Database, DatabaseError, type DatabaseService } from "../../../contracts/Database.ts"
import { type ContractCheck, makeSuite } from "./ContractCheck.ts"

const createNotes = "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT"

const insert = (database: DatabaseService, text: string) =>
  database.embedded.write((tx) => Effect.sync(() => tx.prepare("INSERT INTO note (text) VALUES (?)").run(text)))

const notes = (database: DatabaseService): ReadonlyArray<unknown> =>
  database.embedded.read
    .prepare("SELECT text FROM note ORDER BY text")
    .all()
    .map((row) => row.text)

const count = (database: DatabaseService): number =>
  Number(database.embedded.read.prepare("SELECT count(*) AS n FROM note").get()?.n)

const defectMessage = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isFailure(exit) && Cause.hasDies(exit.cause) ? String(Cause.squash(exit.cause)) : "no defect"

/**
 * What every provider of `Database` must do, as checks for any test runner. `layer` gives an empty database each time it
 * is built.
 *
 * @example
 * ```ts no-run
 * import { it } from "@effect/vitest"
 * import { databaseContract } from "@portico/gate/testing"
 * import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
 *
 * for (const { check, name } of databaseContract(SqliteDatabase.layer({ filename: ":memory:" }))) {
 *   it.effect(name, () => check)
 * }
 * ```
 */
export const databaseContract = <E>(layer: Layer.Layer<Database, E>): ReadonlyArray<ContractCheck> => {
  const suite = makeSuite(Database, layer)
  const test = (name: string, body: (database: DatabaseService) => Effect.Effect<void, unknown>) =>
    suite.test(name, (database) =>
      Effect.andThen(
        database.embedded.write((tx) => Effect.sync(() => tx.exec(createNotes))),
        body(database)
      )
    )

  test("a write is visible to readers once it is answered", (database) =>
    Effect.gen(function* () {
      const { changes } = yield* insert(database, "a")
      assert.equal(changes, 1)
      assert.deepEqual(notes(database), ["a"])
      const rows = yield* database.sql`SELECT text FROM note`
      assert.deepEqual(
        rows.map((row) => row.text),
        ["a"]
      )
    }))

  test("writes that arrive together share one transaction, which readers see whole or not at all", (database) =>
    Effect.gen(function* () {
      const seen = yield* Effect.forEach(
        Array.from({ length: 64 }, (_, index) => `note ${index}`),
        (text) =>
          database.embedded.write((tx) =>
            Effect.sync(() => {
              tx.prepare("INSERT INTO note (text) VALUES (?)").run(text)
              return { inside: Number(tx.prepare("SELECT count(*) AS n FROM note").get()?.n), outside: count(database) }
            })
          ),
        { concurrency: "unbounded" }
      )
      assert.deepEqual(
        seen.map(({ inside }) => inside),
        Array.from({ length: 64 }, (_, index) => index + 1)
      )
      assert.ok(seen.every(({ outside }) => outside === 0))
      assert.equal(count(database), 64)
    }))

  test("more writes than fit into one commit are all made", (database) =>
    Effect.gen(function* () {
      const texts = Array.from({ length: 1_000 }, (_, index) => `note ${index}`)
      yield* Effect.forEach(texts, (text) => insert(database, text), { concurrency: "unbounded", discard: true })
      assert.equal(count(database), 1_000)
    }))

  test("a request that fails takes back its own changes and nobody else's", (database) =>
    Effect.gen(function* () {
      const failing = database.embedded.write((tx) =>
        Effect.suspend(() => {
          tx.prepare("INSERT INTO note (text) VALUES (?)").run("lost")
          return Effect.fail("no")
        })
      )
      const exits = yield* Effect.all(
        [insert(database, "a"), failing, insert(database, "b")].map((each) =>
          Effect.exit<unknown, unknown, never>(each)
        ),
        { concurrency: "unbounded" }
      )
      assert.deepEqual(
        exits.map((exit) => exit._tag),
        ["Success", "Failure", "Success"]
      )
      assert.deepEqual(exits[1], Exit.fail("no"))
      assert.deepEqual(notes(database), ["a", "b"])
      assert.equal(yield* Effect.flip(failing), "no")
      assert.deepEqual(notes(database), ["a", "b"])
    }))

  test("a request that throws is a defect of its own only", (database) =>
    Effect.gen(function* () {
      yield* insert(database, "a")
      const [twice, fine] = yield* Effect.all(
        [Effect.exit(insert(database, "a")), Effect.exit(insert(database, "b"))],
        {
          concurrency: "unbounded"
        }
      )
      assert.match(defectMessage(twice), /UNIQUE constraint failed/)
      assert.equal(fine._tag, "Success")
      assert.deepEqual(notes(database), ["a", "b"])
    }))

  test("a request that awaits is a defect that names it, and its changes are taken back", (database) =>
    Effect.gen(function* () {
      const pauses = (tx: Parameters<Parameters<DatabaseService["embedded"]["write"]>[0]>[0]) =>
        Effect.gen(function* () {
          tx.prepare("INSERT INTO note (text) VALUES (?)").run("lost")
          yield* Effect.sleep("1 millis")
          tx.prepare("INSERT INTO note (text) VALUES (?)").run("never")
        })
      const waiting = Effect.exit(Effect.withSpan(database.embedded.write(pauses), "notes.add"))
      const [exit] = yield* Effect.all([waiting, insert(database, "a")], { concurrency: "unbounded" })
      assert.match(defectMessage(exit), /"pauses" in "notes\.add" awaits inside a database write/)
      assert.match(defectMessage(yield* waiting), /awaits/)
      yield* insert(database, "b")
      assert.deepEqual(notes(database), ["a", "b"])
    }))

  test("the connection of a write is of no use after it", (database) =>
    Effect.gen(function* () {
      const leaked = yield* database.embedded.write((tx) => Effect.succeed(tx))
      assert.throws(() => leaked.prepare("INSERT INTO note (text) VALUES ('x')").run(), /after its transaction/)
      assert.throws(() => leaked.exec("DELETE FROM note"), /after its transaction/)
    }))

  test("the reading connection cannot write", (database) =>
    Effect.sync(() => {
      assert.throws(() => database.embedded.read.exec("INSERT INTO note (text) VALUES ('x')"), /readonly/)
      assert.equal(count(database), 0)
    }))

  test("foreign keys are enforced", (database) =>
    Effect.gen(function* () {
      yield* database.embedded.write((tx) =>
        Effect.sync(() => tx.exec("CREATE TABLE mark (note INTEGER NOT NULL REFERENCES note (id)) STRICT"))
      )
      const exit = yield* Effect.exit(
        database.embedded.write((tx) => Effect.sync(() => tx.prepare("INSERT INTO mark VALUES (7)").run()))
      )
      assert.match(defectMessage(exit), /FOREIGN KEY constraint failed/)
      assert.equal((yield* Effect.flip(database.sql`INSERT INTO mark VALUES (7)`)).reason._tag, "ConstraintError")
    }))

  test("readers do not see an open transaction, and writes wait for it", (database) =>
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
      assert.equal(count(database), 0)
      yield* Deferred.succeed(finish, undefined)
      yield* Fiber.join(transaction)
      yield* Fiber.join(write)
      assert.deepEqual(notes(database), ["after", "slow"])
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
      assert.deepEqual(notes(database), ["kept"])
    }))

  test("transactions and writes at once neither wait for each other for ever nor mix", (database) =>
    Effect.gen(function* () {
      const { sql } = database
      const turns = yield* Semaphore.make(8)
      const transaction = (index: number) =>
        sql.withTransaction(
          Effect.gen(function* () {
            yield* sql`INSERT INTO note (text) VALUES (${`t${index}`})`
            yield* Effect.yieldNow
            yield* sql.withTransaction(sql`INSERT INTO note (text) VALUES (${`n${index}`})`)
            if (index % 5 === 0) return yield* Effect.fail("undo" as const)
          })
        )
      yield* Effect.forEach(
        Array.from({ length: 100 }, (_, index) => index),
        (index) =>
          turns.withPermit(index % 2 === 0 ? insert(database, `w${index}`) : Effect.ignore(transaction(index))),
        { concurrency: "unbounded", discard: true }
      )
      // 50 writes; 50 transactions of two rows, of which every fifth is undone.
      assert.equal(count(database), 50 + 40 * 2)
    }))

  test("a nested transaction that fails is undone alone", (database) =>
    Effect.gen(function* () {
      const { sql } = database
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`INSERT INTO note (text) VALUES ('outer')`
          const inner = sql.withTransaction(
            Effect.andThen(sql`INSERT INTO note (text) VALUES ('inner')`, Effect.fail("undo" as const))
          )
          yield* Effect.ignore(inner)
        })
      )
      assert.deepEqual(notes(database), ["outer"])
    }))

  test("writing inside of a transaction, or the other way round, is a defect and not a wait without end", (database) =>
    Effect.gen(function* () {
      const { sql } = database
      const one = yield* Effect.exit(sql.withTransaction(insert(database, "x")))
      assert.match(defectMessage(one), /inside `sql\.withTransaction`/)
      const other = yield* Effect.exit(database.embedded.write(() => sql`INSERT INTO note (text) VALUES ('y')`))
      assert.match(defectMessage(other), /inside the work of `embedded\.write`/)
      yield* insert(database, "z")
      assert.deepEqual(notes(database), ["z"])
    }))

  test("a request that makes SQLite drop the transaction fails the batch, not the ones behind it", (database) =>
    Effect.gen(function* () {
      yield* insert(database, "a")
      const hostile = database.embedded.write((tx) =>
        Effect.sync(() => tx.prepare("INSERT OR ROLLBACK INTO note (text) VALUES ('a')").run())
      )
      const [before, , after] = yield* Effect.all(
        [Effect.exit(insert(database, "b")), Effect.exit(hostile), Effect.exit(insert(database, "c"))],
        { concurrency: "unbounded" }
      )
      assert.equal(before._tag, "Failure")
      assert.ok(Exit.isFailure(before) && Cause.squash(before.cause) instanceof DatabaseError)
      assert.equal(after._tag, "Success")
      assert.deepEqual(notes(database), ["a", "c"])
    }))

  test("a request that hides that SQLite dropped its transaction is not acknowledged", (database) =>
    Effect.gen(function* () {
      yield* insert(database, "a")
      const hiding = database.embedded.write((tx) =>
        Effect.sync(() => {
          tx.prepare("INSERT INTO note (text) VALUES ('lost')").run()
          assert.throws(() => tx.exec("INSERT OR ROLLBACK INTO note (text) VALUES ('a')"), /UNIQUE/)
        })
      )
      assert.ok((yield* Effect.flip(hiding)) instanceof DatabaseError)
      assert.deepEqual(notes(database), ["a"])
    }))

  test("a full store refuses writes with Full, goes on reading, and recovers", (database) =>
    Effect.gen(function* () {
      yield* insert(database, "a")
      const limit = (pages: number) =>
        database.embedded.write((tx) => Effect.sync(() => void tx.prepare(`PRAGMA max_page_count = ${pages}`).get()))
      yield* limit(8)
      const big = insert(database, "x".repeat(200_000))
      const error = yield* Effect.flip(big)
      assert.ok(error instanceof DatabaseError)
      assert.deepEqual([error.reason, error.code, error.status], ["Full", "STORAGE_FULL", 507])
      assert.deepEqual(notes(database), ["a"])
      yield* limit(1_000_000)
      yield* big
      assert.equal(count(database), 2)
    }))

  return suite.checks
}
