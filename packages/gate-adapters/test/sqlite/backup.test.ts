import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "@effect/vitest"
import { SqliteDatabase, SqliteFile } from "@portico/gate-adapters/sqlite"
import { Effect, Fiber } from "effect"
import { temporaryFolder } from "./temporaryFolder.ts"

const notes = {
  module: "notes",
  step: { id: "0001_notes", up: "CREATE TABLE note (n INTEGER PRIMARY KEY, twin INTEGER NOT NULL, text TEXT) STRICT" }
}
const known = [notes]

const open = (filename: string) => SqliteDatabase.make({ filename, migrations: known })

/** A database with some rows that a product has open. */
const filled = (filename: string, rows = 500) =>
  Effect.gen(function* () {
    const database = yield* open(filename)
    const add = (n: number) =>
      database.write((tx) =>
        Effect.sync(() => tx.prepare("INSERT INTO note VALUES (?, ?, ?)").run(n, n, "x".repeat(1_000)))
      )
    yield* Effect.forEach(
      Array.from({ length: rows }, (_, n) => n),
      add,
      { concurrency: "unbounded", discard: true }
    )
    return { database, add }
  })

const rowsIn = (file: string) => {
  const db = new DatabaseSync(file, { readOnly: true })
  const rows = db.prepare("SELECT n, twin FROM note ORDER BY n").all()
  db.close()
  return rows
}

const hidden = (folder: string) => readdirSync(folder).filter((name) => name.startsWith("."))

const accept = () => Effect.void

describe("a backup", () => {
  it.effect("is the database as of one commit, while others go on writing", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { add, database } = yield* filled(join(folder, "test.db"), 5_000)
      let n = 5_000
      const writing = yield* Effect.forkChild(
        Effect.whileLoop({ while: () => true, body: () => Effect.suspend(() => add(n++)), step: () => {} })
      )
      const target = join(folder, "copies", "copy.db")
      const made = yield* database.embedded.backUp(target, (copy) =>
        Effect.sync(() => expect(copy.prepare("SELECT count(*) AS n FROM note").get()?.n).toBeGreaterThanOrEqual(5_000))
      )
      const during = n
      yield* Fiber.interrupt(writing)
      expect(during).toBeGreaterThan(5_000)
      expect(made).toEqual({ file: target, bytes: statSync(target).size })
      expect((statSync(target).mode & 0o777).toString(8)).toBe("600")
      const rows = rowsIn(target)
      expect(rows.map((row) => row.n)).toEqual(rows.map((_, index) => index))
      expect(rows.every((row) => row.n === row.twin)).toBe(true)
    })
  )

  it.effect("appears under its name only once it was found whole", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { database } = yield* filled(join(folder, "test.db"))
      const target = join(folder, "copy.db")
      const refused = yield* Effect.flip(
        database.embedded.backUp(target, () =>
          Effect.suspend(() => {
            expect(existsSync(target)).toBe(false)
            expect(hidden(folder)).toHaveLength(1)
            return Effect.fail("not whole")
          })
        )
      )
      expect(refused).toBe("not whole")
      expect([existsSync(target), hidden(folder)]).toEqual([false, []])
    })
  )

  it.effect("that is interrupted leaves nothing behind", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { database } = yield* filled(join(folder, "test.db"))
      const copying = yield* Effect.forkChild(database.embedded.backUp(join(folder, "copy.db"), () => Effect.never))
      while (hidden(folder).length === 0) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* Fiber.interrupt(copying)
      expect(hidden(folder)).toEqual([])
      expect(existsSync(join(folder, "copy.db"))).toBe(false)
    })
  )

  it.effect("overwrites nothing", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { database } = yield* filled(join(folder, "test.db"))
      writeFileSync(join(folder, "copy.db"), "mine")
      const error = yield* Effect.flip(database.embedded.backUp(join(folder, "copy.db"), accept))
      expect(error.message).toContain("exists already")
      expect(readFileSync(join(folder, "copy.db"), "utf8")).toBe("mine")
    })
  )

  it.effect("of a damaged file fails, and says so", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = join(folder, "test.db")
      yield* Effect.scoped(filled(file, 2_000))
      const bytes = readFileSync(file)
      bytes.fill(0x5a, bytes.length - 20_000, bytes.length - 10_000)
      writeFileSync(file, bytes)
      const error = yield* Effect.flip(SqliteFile.backUp(file, join(folder, "copy.db"), accept))
      expect(error.reason).toBe("Corrupt")
      expect(existsSync(join(folder, "copy.db"))).toBe(false)
    })
  )
})

describe("a snapshot", () => {
  it.effect("stays at one commit, cannot write, and lets others go on", () =>
    Effect.gen(function* () {
      const { add, database } = yield* filled(join(yield* temporaryFolder, "test.db"))
      const snapshot = yield* database.embedded.snapshot
      const count = () => snapshot.prepare("SELECT count(*) AS n FROM note").get()?.n
      expect(count()).toBe(500)
      yield* add(500)
      expect(count()).toBe(500)
      expect(database.embedded.read.prepare("SELECT count(*) AS n FROM note").get()?.n).toBe(501)
      expect(() => snapshot.exec("DELETE FROM note")).toThrow()
    })
  )
})

describe("a restore", () => {
  const setUp = Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const file = join(folder, "test.db")
    const copy = join(folder, "copy.db")
    yield* Effect.scoped(
      Effect.gen(function* () {
        const { add, database } = yield* filled(file, 10)
        yield* database.embedded.backUp(copy, accept)
        yield* add(10)
      })
    )
    const restore = (from = copy) => SqliteFile.restore({ from, file, known, verify: () => accept })
    return { folder, file, copy, restore }
  })

  it.effect("puts the backup in place and keeps what was there", () =>
    Effect.gen(function* () {
      const { file, folder, restore } = yield* setUp
      const { before } = yield* restore()
      expect(rowsIn(file)).toHaveLength(10)
      expect(rowsIn(before ?? "")).toHaveLength(11)
      expect(before).toBe(join(folder, "backups", "test-1970-01-01T00-00-00-000Z-before-restore.db"))
      yield* open(file)
    })
  )

  it.effect("makes a database where there is none", () =>
    Effect.gen(function* () {
      const { copy, folder } = yield* setUp
      const file = join(folder, "new", "test.db")
      const { before } = yield* SqliteFile.restore({ from: copy, file, known, verify: () => accept })
      expect(before).toBeUndefined()
      expect(rowsIn(file)).toHaveLength(10)
    })
  )

  it.effect("is refused while a product runs on the database", () =>
    Effect.gen(function* () {
      const { file, folder, restore } = yield* setUp
      yield* open(file)
      expect(yield* Effect.flip(restore())).toMatchObject({ reason: "Locked" })
      expect([rowsIn(file).length, hidden(folder)]).toEqual([11, []])
    })
  )

  it.effect("of a later version, of a damaged file and of nothing is refused without a change", () =>
    Effect.gen(function* () {
      const { copy, file, folder, restore } = yield* setUp
      const change = (name: string, sql: string) => {
        const target = join(folder, name)
        writeFileSync(target, readFileSync(copy))
        const db = new DatabaseSync(target)
        db.exec(`PRAGMA journal_mode = DELETE; ${sql}`)
        db.close()
        return target
      }
      const cases = [
        [change("format.db", "PRAGMA user_version = 99"), "Newer"],
        [change("step.db", "INSERT INTO portico_migrations VALUES ('notes', '0009_later', 0)"), "Newer"],
        [change("foreign.db", "PRAGMA application_id = 1"), "Other"],
        [join(folder, "gone.db"), "Other"]
      ] as const
      for (const [from, reason] of cases) expect(yield* Effect.flip(restore(from))).toMatchObject({ reason })
      truncateSync(copy, 8_192)
      expect(yield* Effect.flip(restore())).toMatchObject({ reason: "Corrupt" })
      expect([rowsIn(file).length, hidden(folder)]).toEqual([11, []])
    })
  )

  it.effect("goes through where the database itself cannot be read, and keeps its files", () =>
    Effect.gen(function* () {
      const { file, restore } = yield* setUp
      writeFileSync(file, "garbage ".repeat(1_000))
      const { before } = yield* restore()
      expect(rowsIn(file)).toHaveLength(10)
      expect(readFileSync(before ?? "", "utf8")).toContain("garbage")
    })
  )

  it.effect("leaves either the old database or the new one, wherever it fails", () =>
    Effect.gen(function* () {
      const { file, folder } = yield* setUp
      const copy = join(folder, "copy.db")
      const failing = SqliteFile.restore({ from: copy, file, known, verify: () => () => Effect.fail("no") })
      expect(yield* Effect.flip(failing)).toBe("no")
      expect(rowsIn(file)).toHaveLength(11)
      // Where the old one cannot be kept it is not replaced.
      writeFileSync(join(folder, "backups"), "a file where the folder would be")
      const error = yield* Effect.flip(SqliteFile.restore({ from: copy, file, known, verify: () => accept }))
      expect(error._tag).toBe("DatabaseError")
      expect([rowsIn(file).length, hidden(folder)]).toEqual([11, []])
    })
  )
})
