import { describe, expect, it } from "@effect/vitest"
import type { SyncConnection } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import { SqliteDatabase } from "../../src/sqlite/index.ts"
import { PutOffWork } from "../../src/sqlite/internal/PutOffWork.ts"

const opened = Effect.gen(function* () {
  const database = yield* SqliteDatabase.make({ filename: ":memory:" })
  yield* database.write((tx) =>
    Effect.sync(() => tx.exec("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT) STRICT"))
  )
  return database
})

const insert = (tx: SyncConnection, text: string) => void tx.prepare("INSERT INTO note (text) VALUES (?)").run(text)
const later = (tx: SyncConnection, text: string) => tx.putOff?.add(() => insert(tx, text))
const texts = (conn: SyncConnection) =>
  conn
    .prepare("SELECT text FROM note ORDER BY id")
    .all()
    .map((row) => row.text)

describe("work that writes put off", () => {
  it.effect("is done in order behind that of all writes of the commit", () =>
    Effect.gen(function* () {
      const { read, write } = yield* opened
      const both = (name: string) =>
        write((tx) =>
          Effect.sync(() => {
            later(tx, `${name} late`)
            insert(tx, name)
          })
        )
      yield* Effect.all([both("a"), both("b")], { concurrency: "unbounded" })
      expect(yield* read(texts)).toEqual(["a", "b", "a late", "b late"])
      yield* both("c")
      expect((yield* read(texts)).slice(4)).toEqual(["c", "c late"])
    })
  )

  it.effect("is dropped with a write that fails, and with nothing else", () =>
    Effect.gen(function* () {
      const { read, write } = yield* opened
      const add = (text: string, end: Effect.Effect<void, string>, runNow = false) =>
        Effect.exit(
          write((tx) =>
            Effect.suspend(() => {
              later(tx, text)
              if (runNow) tx.putOff?.run()
              return end
            })
          )
        )
      yield* Effect.all(
        [
          add("a", Effect.void),
          add("lost", Effect.fail("no")),
          add("lost", Effect.fail("no"), true),
          add("b", Effect.void)
        ],
        { concurrency: "unbounded" }
      )
      expect(yield* read(texts)).toEqual(["a", "b"])
      yield* add("lost", Effect.fail("no"))
      yield* add("c", Effect.void)
      expect(yield* read(texts)).toEqual(["a", "b", "c"])
    })
  )

  it.effect("can be done before it is read", () =>
    Effect.gen(function* () {
      const { write } = yield* opened
      const seen = write((tx) =>
        Effect.sync(() => {
          later(tx, "a")
          const before = texts(tx)
          tx.putOff?.run()
          return [before, texts(tx)]
        })
      )
      expect(yield* seen).toEqual([[], ["a"]])
    })
  )

  it.effect(
    "is dropped with a part of a write that is rolled back, and done for the rest, also where it ran in between",
    () =>
      Effect.gen(function* () {
        const { read, write } = yield* opened
        for (const runNow of [false, true]) {
          yield* write((tx) =>
            Effect.sync(() => {
              later(tx, "before")
              const end = tx.putOff?.part()
              tx.exec("SAVEPOINT part")
              later(tx, "lost")
              if (runNow) tx.putOff?.run()
              tx.exec("ROLLBACK TO part; RELEASE part")
              end?.(true)
              later(tx, "behind")
            })
          )
        }
        expect(yield* read(texts)).toEqual(["before", "behind", "before", "behind"])
      })
  )

  it("is done between two steps once there is much of it, as far as there is time, and then on until none is left", () => {
    const putOff = new PutOffWork()
    const done: Array<number> = []
    const add = (n: number) => putOff.add(() => void done.push(n))
    putOff.begin()
    for (let n = 0; n < 249; n++) add(n)
    expect([putOff.relieve(() => false), done.length]).toEqual([true, 0])
    add(249)
    const after = (count: number) => () => done.length >= count
    expect([putOff.relieve(after(10)), done.length]).toEqual([false, 10])
    expect([putOff.relieve(after(249)), done.length]).toEqual([false, 249])
    expect([putOff.relieve(after(0)), done.length]).toEqual([true, 250])
    expect(putOff.relieve(after(0))).toBe(true)
    expect(done).toEqual(Array.from({ length: 250 }, (_, n) => n))
  })

  it("is done on the way where there is much of it, and is not held any longer", () => {
    const putOff = new PutOffWork()
    const done: Array<number> = []
    putOff.begin()
    for (let n = 0; n < 2_500; n++) putOff.add(() => void done.push(n))
    expect(done).toHaveLength(2_000)
    putOff.begin()
    putOff.run()
    expect(done).toEqual(Array.from({ length: 2_500 }, (_, n) => n))
  })
})
