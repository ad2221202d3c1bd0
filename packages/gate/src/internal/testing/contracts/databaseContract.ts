import assert from "node:assert/strict"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import { Database, type DatabaseService, type Steps, type SyncConnection, step } from "../../../contracts/Database.ts"
import { type ContractCheck, makeSuite } from "./ContractCheck.ts"
import { embeddedChecks } from "./embeddedDatabaseContract.ts"
import { count, createTables, defectMessage, insert, insertNote, notes } from "./notes.ts"

/**
 * What every provider of `Database` must do, as checks for any test runner. `layer` gives an empty database each time it
 * is built; `dialect` is which of the two it is, since an embedded one has more to keep.
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
export const databaseContract = <E>(
  layer: Layer.Layer<Database, E>,
  dialect: DatabaseService["dialect"] = "sqlite"
): ReadonlyArray<ContractCheck> => {
  const suite = makeSuite(Database, layer)
  const test = (name: string, body: (database: DatabaseService) => Effect.Effect<void, unknown>) =>
    suite.test(name, (database) => Effect.andThen(createTables(database), body(database)))

  test("a write is visible to readers once it is answered", (database) =>
    Effect.gen(function* () {
      assert.equal(yield* insert(database, "a"), 1)
      assert.deepEqual(yield* notes(database), ["a"])
      const rows = yield* database.sql`SELECT text FROM note`
      assert.deepEqual(
        rows.map((row) => row.text),
        ["a"]
      )
    }))

  test("writes that arrive together see those before them", (database) =>
    Effect.gen(function* () {
      const seen = yield* Effect.forEach(
        Array.from({ length: 64 }, (_, index) => `note ${index}`),
        (text) =>
          database.write((tx) =>
            Effect.sync(() => {
              tx.prepare(insertNote).run(text)
              return Number(tx.prepare("SELECT count(*) AS n FROM note").get()?.n)
            })
          ),
        { concurrency: "unbounded" }
      )
      assert.deepEqual(
        seen,
        Array.from({ length: 64 }, (_, index) => index + 1)
      )
      assert.equal(yield* count(database), 64)
    }))

  test("a snapshot stays at its commit while others are made", (database) =>
    Effect.scoped(
      Effect.gen(function* () {
        yield* insert(database, "before")
        const { read } = yield* database.snapshot
        yield* insert(database, "after")
        const seen = () =>
          read((conn) => {
            const [first] = conn.prepare("SELECT text FROM note ORDER BY id").all()
            return [first?.text, Number(conn.prepare("SELECT count(*) AS n FROM note").get()?.n)]
          })
        assert.deepEqual(yield* seen(), ["before", 1])
        yield* insert(database, "later")
        assert.deepEqual(yield* seen(), ["before", 1])
        assert.equal(yield* count(database), 3)
      })
    ))

  test("a part of a write that is rolled back takes back its own changes and nobody else's", (database) =>
    Effect.gen(function* () {
      const savepoint = (tx: SyncConnection, text: string, keep: boolean) => {
        const end = tx.putOff?.part()
        tx.prepare("SAVEPOINT part").run()
        tx.prepare(insertNote).run(text)
        if (!keep) tx.prepare("ROLLBACK TO part").run()
        tx.prepare("RELEASE part").run()
        end?.(!keep)
      }
      yield* database.write((tx) =>
        Effect.sync(() => {
          for (const [text, keep] of [
            ["a", true],
            ["b", false],
            ["c", true]
          ] as const) {
            savepoint(tx, text, keep)
          }
        })
      )
      assert.deepEqual(yield* notes(database), ["a", "c"])
    }))

  test("more writes than fit into one commit are all made", (database) =>
    Effect.gen(function* () {
      const texts = Array.from({ length: 1_000 }, (_, index) => `note ${index}`)
      yield* Effect.forEach(texts, (text) => insert(database, text), { concurrency: "unbounded", discard: true })
      assert.equal(yield* count(database), 1_000)
    }))

  test("a request that fails takes back its own changes and nobody else's", (database) =>
    Effect.gen(function* () {
      const failing = database.write((tx) =>
        Effect.suspend(() => {
          tx.prepare(insertNote).run("lost")
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
      assert.deepEqual(yield* notes(database), ["a", "b"])
      assert.equal(yield* Effect.flip(failing), "no")
      assert.deepEqual(yield* notes(database), ["a", "b"])
    }))

  test("a request that throws is a defect of its own only", (database) =>
    Effect.gen(function* () {
      yield* insert(database, "a")
      const [twice, unlooked, fine] = yield* Effect.all(
        [
          Effect.exit(insert(database, "a")),
          Effect.exit(database.write((tx) => Effect.sync(() => void tx.prepare(insertNote).run("a")))),
          Effect.exit(insert(database, "b"))
        ],
        { concurrency: "unbounded" }
      )
      assert.match(defectMessage(twice), /unique constraint/i)
      assert.match(defectMessage(unlooked), /unique constraint/i)
      assert.equal(fine._tag, "Success")
      assert.deepEqual(yield* notes(database), ["a", "b"])
    }))

  test("a request that awaits is a defect that names it, and its changes are taken back", (database) =>
    Effect.gen(function* () {
      const pauses = (tx: SyncConnection) =>
        Effect.gen(function* () {
          tx.prepare(insertNote).run("lost")
          yield* Effect.sleep("1 millis")
          tx.prepare(insertNote).run("never")
        })
      const waiting = Effect.exit(Effect.withSpan(database.write(pauses), "notes.add"))
      const [exit] = yield* Effect.all([waiting, insert(database, "a")], { concurrency: "unbounded" })
      assert.match(defectMessage(exit), /"pauses" in "notes\.add" awaits inside a database write/)
      assert.match(defectMessage(yield* waiting), /awaits/)
      yield* insert(database, "b")
      assert.deepEqual(yield* notes(database), ["a", "b"])
    }))

  test("the connection of a write is of no use after it", (database) =>
    Effect.gen(function* () {
      const leaked = yield* database.write((tx) => Effect.succeed(tx))
      assert.throws(() => leaked.prepare("INSERT INTO note (text) VALUES ('x')").run(), /after its transaction/)
      assert.throws(() => leaked.exec("DELETE FROM note"), /after its transaction/)
    }))

  test("the connection of a read cannot write", (database) =>
    Effect.gen(function* () {
      const writing = database.read((conn) => conn.exec("INSERT INTO note (text) VALUES ('x')"))
      assert.equal((yield* Effect.flip(writing)).reason, "ReadOnly")
      assert.equal(yield* count(database), 0)
    }))

  test("the statements of one read see one commit, however many are made meanwhile", (database) =>
    Effect.gen(function* () {
      const select = "SELECT count(*) AS n FROM note"
      const twice = database.read((conn) => {
        const [first, second, third] = [select, `${select} `, `${select}  `].map((sql) => conn.prepare(sql).get()?.n)
        assert.deepEqual([second, third], [first, first])
      })
      const texts = Array.from({ length: 50 }, (_, index) => `note ${index}`)
      yield* Effect.all([Effect.forEach(texts, (text) => insert(database, text)), Effect.replicateEffect(twice, 100)], {
        concurrency: "unbounded"
      })
    }))

  test("a long work is done in steps, which get back what they gave and what they threw", (database) =>
    Effect.gen(function* () {
      const add = function* (tx: SyncConnection, texts: ReadonlyArray<string>): Steps<number, string> {
        let made = 0
        for (const text of texts) {
          const known = yield* step(() => tx.prepare("SELECT 1 AS one FROM note WHERE text = ?").get(text))
          if (known !== undefined) continue
          made += yield* step(() => tx.prepare(insertNote).run(text).changes)
        }
        try {
          yield* step(() => {
            throw new Error("thrown into the generator")
          })
        } catch (thrown) {
          assert.match(String(thrown), /thrown into/)
        }
        return made === 0 ? Effect.fail("nothing new") : Effect.succeed(made)
      }
      const texts = Array.from({ length: 300 }, (_, index) => `note ${index % 200}`)
      assert.equal(yield* database.write((tx) => add(tx, texts)), 200)
      assert.equal(yield* count(database), 200)
      assert.equal(yield* Effect.flip(database.write((tx) => add(tx, texts))), "nothing new")
      const undone = database.write(function* (tx): Steps<void, string> {
        yield* step(() => tx.prepare(insertNote).run("lost"))
        return Effect.fail("undo")
      })
      assert.equal(yield* Effect.flip(undone), "undo")
      assert.equal(yield* count(database), 200)
    }))

  test("a long write shares its commit with nobody, and others do not wait for it", (database) =>
    Effect.gen(function* () {
      const answered: Array<string> = []
      const seen: Array<number> = []
      const answer = (name: string) => () => void answered.push(name)
      const add = function* (tx: SyncConnection): Steps<void> {
        for (let n = 0; n < 20; n++) {
          seen.push(Number((yield* step(() => tx.prepare("SELECT count(*) AS n FROM note").get()))?.n))
          yield* step(() => tx.prepare(insertNote).run(`long ${n}`))
        }
        return Effect.void
      }
      const long = Effect.map(database.write(add, { long: true }), answer("long"))
      const short = (text: string) => Effect.map(insert(database, text), answer(text))
      yield* Effect.all([long, short("a"), short("b")], { concurrency: "unbounded" })
      assert.deepEqual(answered, ["a", "b", "long"])
      assert.equal(seen[0], 2)
    }))

  test("values come back as they went in, and texts are in the order of their bytes", (database) =>
    Effect.gen(function* () {
      const texts = ["é", "b", "a", "Z", "A", "?", "it's", "𝒳", "￦"]
      const bytes = Uint8Array.of(0, 255, 7)
      yield* Effect.forEach(texts, (text) => insert(database, text), { discard: true })
      yield* database.write((tx) =>
        Effect.sync(() => {
          const put = tx.prepare("INSERT INTO mark (note, size, bytes) VALUES (?1, ?3, ?2)")
          put.run(1, bytes, Number.MAX_SAFE_INTEGER)
          put.run(2, null, -1)
        })
      )
      const byBytes = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      assert.deepEqual(yield* notes(database), byBytes)
      const marks = yield* database.read((conn) =>
        conn.prepare("SELECT size, bytes FROM mark WHERE note IN (?1, ?2) AND ?1 < ?2 ORDER BY note").all(1, 2)
      )
      assert.deepEqual(
        marks.map((mark) => [mark.size, mark.bytes instanceof Uint8Array ? [...mark.bytes] : mark.bytes]),
        [
          [Number.MAX_SAFE_INTEGER, [0, 255, 7]],
          [-1, null]
        ]
      )
      const odd = yield* database.read((conn) =>
        conn.prepare("SELECT '?' AS mark, text AS \"a?\" FROM note WHERE text = ? AND text <> '?' -- why?").all("it's")
      )
      assert.deepEqual(
        odd.map((row) => ({ ...row })),
        [{ mark: "?", "a?": "it's" }]
      )
    }))

  test("foreign keys are enforced", (database) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(
        database.write((tx) => Effect.sync(() => tx.prepare("INSERT INTO mark (note) VALUES (7)").run()))
      )
      assert.match(defectMessage(exit), /foreign key constraint/i)
      assert.equal(
        (yield* Effect.flip(database.sql`INSERT INTO mark (note) VALUES (7)`)).reason._tag,
        "ConstraintError"
      )
    }))

  test("readers do not see an open transaction", (database) =>
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
      assert.equal(yield* count(database), 0)
      yield* Deferred.succeed(finish, undefined)
      yield* Fiber.join(transaction)
      assert.deepEqual(yield* notes(database), ["slow"])
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
      assert.equal(yield* count(database), 50 + 40 * 2)
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
      assert.deepEqual(yield* notes(database), ["outer"])
    }))

  test("writing inside of a transaction, or the other way round, is a defect and not a wait without end", (database) =>
    Effect.gen(function* () {
      const { sql } = database
      const one = yield* Effect.exit(sql.withTransaction(insert(database, "x")))
      assert.match(defectMessage(one), /inside `sql\.withTransaction`/)
      const other = yield* Effect.exit(database.write(() => sql`INSERT INTO note (text) VALUES ('y')`))
      assert.match(defectMessage(other), /inside the work of `write`|awaits inside a database write/)
      yield* insert(database, "z")
      assert.deepEqual(
        (yield* notes(database)).filter((text) => text !== "y"),
        ["z"]
      )
    }))

  if (dialect === "sqlite") embeddedChecks(test)
  return suite.checks
}
