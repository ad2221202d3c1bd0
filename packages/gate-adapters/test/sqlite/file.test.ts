import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "@effect/vitest"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { Effect } from "effect"
import { temporaryFolder } from "./temporaryFolder.ts"

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8)
const digest = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex")

const setting = (sql: string) => (db: { readonly prepare: (sql: string) => { readonly get: () => unknown } }) =>
  Object.values(Object(db.prepare(sql).get()))[0]

/** A database with some rows, closed. */
const filled = (folder: string) =>
  Effect.gen(function* () {
    const filename = join(folder, "test.db")
    const { write } = yield* SqliteDatabase.make({ filename })
    yield* write((tx) =>
      Effect.sync(() => {
        tx.exec("CREATE TABLE note (text TEXT) STRICT")
        for (let n = 0; n < 500; n++) tx.prepare("INSERT INTO note VALUES (?)").run(`a note of some length: ${n}`)
      })
    )
    return filename
  }).pipe(Effect.scoped)

const refusedUnchanged = (filename: string) =>
  Effect.gen(function* () {
    const before = digest(filename)
    const beside = readdirSync(join(filename, "..")).filter((name) => !name.endsWith(".lock"))
    const error = yield* Effect.scoped(Effect.flip(SqliteDatabase.make({ filename })))
    expect(digest(filename)).toBe(before)
    expect(readdirSync(join(filename, "..")).filter((name) => !name.endsWith(".lock"))).toEqual(beside)
    expect(error.message).toContain(filename)
    return error
  })

describe("the database file", () => {
  it.effect("keeps a folder that it makes out of git, the manifest excepted", () =>
    Effect.gen(function* () {
      const parent = yield* temporaryFolder
      const git = (...args: ReadonlyArray<string>) => execFileSync("git", args, { cwd: parent, encoding: "utf8" })
      git("init", "--quiet")
      yield* Effect.scoped(SqliteDatabase.make({ filename: join(parent, "data", "test.db") }))
      writeFileSync(join(parent, "data", "manifest.json"), "{}")
      writeFileSync(join(parent, "data", "operator.token"), "secret")
      expect(git("status", "--porcelain", "--untracked-files=all")).toBe("?? data/manifest.json\n")
    }).pipe(Effect.scoped)
  )

  it.effect("is made for its owner alone, folder and all", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "a", "b")
      const filename = join(folder, "test.db")
      const { location, write } = yield* SqliteDatabase.make({ filename })
      yield* write((tx) => Effect.sync(() => tx.exec("CREATE TABLE note (text TEXT)")))
      expect(location).toBe(filename)
      expect(mode(folder)).toBe("700")
      for (const suffix of ["", "-wal", "-shm"]) expect(mode(filename + suffix)).toBe("600")
    })
  )

  it.effect("is in WAL mode, synced by every commit of the client, or by us after those of `write`", () =>
    Effect.gen(function* () {
      for (const [synchronous, level] of [
        ["FULL", 2],
        ["NORMAL", 1]
      ] as const) {
        const filename = join(yield* temporaryFolder, "test.db")
        const { embedded, sql, write } = yield* SqliteDatabase.make({ filename, synchronous })
        const written = yield* write((tx) => Effect.sync(() => setting("PRAGMA synchronous")(tx)))
        expect(written).toBe(1)
        expect(yield* sql`PRAGMA synchronous`).toEqual([{ synchronous: level }])
        expect(setting("PRAGMA journal_mode")(embedded.read)).toBe("wal")
        expect(yield* sql`PRAGMA foreign_keys`).toEqual([{ foreign_keys: 1 }])
      }
    })
  )

  it.effect("keeps what was written when it is closed and opened again", () =>
    Effect.gen(function* () {
      const filename = yield* filled(yield* temporaryFolder)
      const { embedded } = yield* SqliteDatabase.make({ filename })
      expect(embedded.read.prepare("SELECT count(*) AS n FROM note").get()).toEqual({ n: 500 })
    })
  )

  it.effect("cannot be in a folder that cannot be made", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      writeFileSync(join(folder, "file"), "")
      const error = yield* Effect.flip(SqliteDatabase.make({ filename: join(folder, "file", "test.db") }))
      expect(error._tag).toBe("DatabaseError")
    })
  )

  it.effect("an in-memory database leaves nothing behind", () =>
    Effect.gen(function* () {
      const file = yield* Effect.scoped(
        Effect.map(SqliteDatabase.make({ filename: ":memory:" }), ({ embedded, location }) => {
          expect(location).toBe(":memory:")
          return String(embedded.read.prepare("SELECT file FROM pragma_database_list WHERE name = 'main'").get()?.file)
        })
      )
      expect(statSync(join(file, ".."), { throwIfNoEntry: false })).toBeUndefined()
    })
  )
})

describe("a file that is not to be opened is refused without a write (abuse 52)", () => {
  it.effect("when a newer version has written it", () =>
    Effect.gen(function* () {
      const filename = yield* filled(yield* temporaryFolder)
      const db = new DatabaseSync(filename)
      db.exec("PRAGMA user_version = 999; PRAGMA journal_mode = WAL")
      db.close()
      expect((yield* refusedUnchanged(filename)).reason).toBe("Newer")
    })
  )

  it.effect("when a newer version has written it and died before its log was copied back", () =>
    Effect.gen(function* () {
      const filename = yield* filled(yield* temporaryFolder)
      const db = new DatabaseSync(filename)
      db.exec("PRAGMA user_version = 999")
      expect(statSync(`${filename}-wal`).size).toBeGreaterThan(0)
      expect((yield* refusedUnchanged(filename)).reason).toBe("Newer")
      db.close()
    })
  )

  it.effect("when another program has written it", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "test.db")
      const db = new DatabaseSync(filename)
      db.exec("CREATE TABLE theirs (x)")
      db.close()
      const error = yield* refusedUnchanged(filename)
      expect(error.reason).toBe("Other")
      expect(error.message).toContain("another program")
    })
  )

  it.effect("when it is not a database", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "test.db")
      for (const text of ["x", "garbage ".repeat(1_000)]) {
        writeFileSync(filename, text)
        expect((yield* refusedUnchanged(filename)).reason).toBe("Corrupt")
      }
    })
  )

  it.effect("when it was cut short", () =>
    Effect.gen(function* () {
      const filename = yield* filled(yield* temporaryFolder)
      truncateSync(filename, 8_192)
      const error = yield* refusedUnchanged(filename)
      expect(error.reason).toBe("Corrupt")
      expect(error.message).toContain("cut short")
    })
  )

  it.effect("when its schema is damaged", () =>
    Effect.gen(function* () {
      const filename = yield* filled(yield* temporaryFolder)
      const bytes = readFileSync(filename)
      bytes.fill(0xff, 100, 4_096)
      writeFileSync(filename, bytes)
      expect((yield* refusedUnchanged(filename)).reason).toBe("Corrupt")
    })
  )
})
