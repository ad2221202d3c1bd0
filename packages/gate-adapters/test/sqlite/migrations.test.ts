import { existsSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import { type ModuleStep, SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { Effect } from "effect"
import { temporaryFolder } from "./temporaryFolder.ts"

type Up = ModuleStep["step"]["up"]

const step = (module: string, id: string, up: Up, after: ReadonlyArray<string> = []): ModuleStep => ({
  module,
  step: { id, up, after }
})

/** A step that leaves its name in the order of running. */
const trailing = (module: string, id: string, after?: ReadonlyArray<string>): ModuleStep =>
  step(
    module,
    id,
    ["CREATE TABLE IF NOT EXISTS trail (step TEXT)", `INSERT INTO trail VALUES ('${module}/${id}')`],
    after
  )

const makeNotes = step("notes", "0001_notes", "CREATE TABLE note (text TEXT) STRICT; INSERT INTO note VALUES ('a')")
const addColour = step("notes", "0002_colour", "ALTER TABLE note ADD COLUMN colour TEXT NOT NULL DEFAULT 'none'")

const query = (sql: string) =>
  Effect.flatMap(Database, ({ read }) =>
    Effect.orDie(
      read((conn) =>
        conn
          .prepare(sql)
          .all()
          .map((row) => Object.values(row)[0])
      )
    )
  )

const applied = query("SELECT module || '/' || id FROM portico_migrations ORDER BY 1")

/** Opens the file, reads, and closes it again. */
const opened = <A>(filename: string, migrations: ReadonlyArray<ModuleStep>, read: Effect.Effect<A, never, Database>) =>
  Effect.scoped(
    Effect.flatMap(SqliteDatabase.make({ filename, migrations }), (database) =>
      Effect.provideService(read, Database, database)
    )
  )

const backups = (folder: string): ReadonlyArray<string> =>
  existsSync(join(folder, "backups")) ? readdirSync(join(folder, "backups")) : []

describe("migrations", () => {
  it.effect("run modules in the given order but after those they name, and a module's steps by id", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "test.db")
      const steps = [
        trailing("first", "0001_one", ["third"]),
        trailing("second", "0002_two"),
        trailing("second", "0001_one"),
        trailing("third", "0001_one")
      ]
      expect(yield* opened(filename, steps, query("SELECT step FROM trail ORDER BY rowid"))).toEqual([
        "third/0001_one",
        "first/0001_one",
        "second/0001_one",
        "second/0002_two"
      ])
    })
  )

  it.effect("run once", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const filename = join(folder, "test.db")
      yield* opened(filename, [makeNotes], applied)
      expect(yield* opened(filename, [makeNotes], query("SELECT count(*) FROM note"))).toEqual([1])
      expect(backups(folder)).toEqual([])
    })
  )

  it.effect("copy a database that holds something before they change it", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const filename = join(folder, "test.db")
      yield* opened(filename, [makeNotes], applied)
      expect(yield* opened(filename, [makeNotes, addColour], applied)).toEqual([
        "notes/0001_notes",
        "notes/0002_colour"
      ])
      const [name = ""] = backups(folder)
      expect(backups(folder)).toEqual(["test-1970-01-01T00-00-00-000Z-before-notes-0002_colour.db"])
      expect((statSync(join(folder, "backups", name)).mode & 0o777).toString(8)).toBe("600")
      const copy = new DatabaseSync(join(folder, "backups", name), { readOnly: true })
      expect(copy.prepare("SELECT * FROM note").all()).toEqual([{ text: "a" }])
      copy.close()
    })
  )

  it.effect("may be effects that use the asynchronous client", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "test.db")
      const fill = step(
        "notes",
        "0002_fill",
        Effect.gen(function* () {
          const { sql } = yield* Database
          yield* Effect.yieldNow
          yield* sql`INSERT INTO note VALUES ('b')`
        })
      )
      expect(yield* opened(filename, [makeNotes, fill], query("SELECT text FROM note"))).toEqual(["a", "b"])
    })
  )

  for (const [kind, up] of [
    ["statement", ["INSERT INTO note VALUES ('half')", "INSERT INTO nowhere VALUES (1)"]],
    [
      "effect",
      Effect.andThen(
        Effect.flatMap(Database, ({ sql }) => sql`INSERT INTO note VALUES ('half')`),
        Effect.fail(new Error("no"))
      )
    ]
  ] satisfies ReadonlyArray<readonly [string, Up]>) {
    it.effect(`a failing ${kind} is named and rolled back; the steps before it stay`, () =>
      Effect.gen(function* () {
        const filename = join(yield* temporaryFolder, "test.db")
        const bad = step("notes", "0002_bad", up)
        const error = yield* Effect.flip(opened(filename, [makeNotes, bad], applied))
        expect(error).toMatchObject({ _tag: "DatabaseError" })
        expect(error.message).toContain("Migration notes/0002_bad was rolled back")
        expect(yield* opened(filename, [makeNotes], query("SELECT text FROM note"))).toEqual(["a"])
        expect(yield* opened(filename, [makeNotes], applied)).toEqual(["notes/0001_notes"])
      })
    )
  }

  it.effect("that the product does not know make it refuse the file as newer", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const filename = join(folder, "test.db")
      yield* opened(filename, [makeNotes, addColour], applied)
      const error = yield* Effect.flip(opened(filename, [makeNotes], applied))
      expect(error.reason).toBe("Newer")
      expect(error.message).toContain("notes/0002_colour")
      expect(readdirSync(folder).sort()).toEqual(["test.db", "test.db.lock"])
    })
  )

  it.effect("of a module that the product no longer has do not matter", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "test.db")
      yield* opened(filename, [makeNotes, trailing("gone", "0001_one")], applied)
      expect(yield* opened(filename, [makeNotes], applied)).toEqual(["gone/0001_one", "notes/0001_notes"])
    })
  )
})
