import { expect, it } from "@effect/vitest"
import { Database, type DatabaseError } from "@portico/gate/database"
import { type ModuleStep, PostgresDatabase } from "@portico/gate-adapters/postgres"
import { askDatabase, describeWithPostgres, freshDatabase } from "@portico/test-support/postgres"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"

const step = (module: string, id: string, up: ModuleStep["step"]["up"]): ModuleStep => ({ module, step: { id, up } })

const makeNotes = step("notes", "0001_notes", "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
const addBytes = step("notes", "0002_bytes", {
  sqlite: "ALTER TABLE note ADD COLUMN bytes ANY",
  postgres: "ALTER TABLE note ADD COLUMN bytes BLOB"
})
const fill = step(
  "notes",
  "0003_fill",
  Effect.flatMap(Database, ({ sql }) => sql`INSERT INTO note (text) VALUES ('filled')`)
)

const database = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => freshDatabase()),
    ({ drop }) => Effect.promise(drop)
  ),
  ({ url }) => ({
    url,
    open: (migrations: ReadonlyArray<ModuleStep>) => PostgresDatabase.make({ url, migrations, poolSize: 1 })
  })
)

const texts = (opened: Database["Service"]): Effect.Effect<ReadonlyArray<unknown>, DatabaseError> =>
  opened.read((conn) =>
    conn
      .prepare("SELECT text FROM note")
      .all()
      .map(({ text }) => text)
  )

describeWithPostgres("tables on a server", () => {
  it.effect("are made step by step, also by an effect, and once for all who start at the same time", () =>
    Effect.gen(function* () {
      const { open } = yield* database
      const steps = [makeNotes, addBytes, fill]
      const opened = yield* Effect.all([open(steps), open(steps), open(steps)], { concurrency: "unbounded" })
      for (const each of opened) expect(yield* texts(each)).toEqual(["filled"])
      expect(yield* texts(yield* open([makeNotes, addBytes, fill]))).toEqual(["filled"])
    }).pipe(Effect.scoped)
  )

  it.effect("of a later version are refused, and nothing is written", () =>
    Effect.gen(function* () {
      const { open } = yield* database
      yield* open([makeNotes, fill])
      const error = yield* Effect.flip(open([makeNotes, addBytes]))
      expect(error).toMatchObject({ reason: "Newer", message: expect.stringContaining("notes/0003_fill") })
      const reopened = yield* open([makeNotes, fill])
      const columns = yield* reopened.read((conn) =>
        conn.prepare("SELECT 1 AS one FROM information_schema.columns WHERE column_name = 'bytes'").all()
      )
      expect(columns).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.effect("whose step fails are as they were before it", () =>
    Effect.gen(function* () {
      const { open } = yield* database
      const broken = step("notes", "0002_broken", ["INSERT INTO note (text) VALUES ('lost')", "SELECT nonsense"])
      const error = yield* Effect.flip(open([makeNotes, broken]))
      expect(error.message).toContain("Migration notes/0002_broken was rolled back")
      expect(yield* texts(yield* open([makeNotes]))).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.effect("are copied before they are changed, and the copy can be put back with all that belongs to them", () =>
    Effect.gen(function* () {
      const { url } = yield* database
      const open = (migrations: ReadonlyArray<ModuleStep>, keepBackups = 2) =>
        Effect.scoped(PostgresDatabase.make({ url, migrations, poolSize: 1, keepBackups }))
      const ask = (sql: string) => Effect.promise(() => askDatabase(url, sql))
      const backups = Effect.map(
        ask("SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'portico\\_backup%' ORDER BY nspname"),
        (rows) => rows.map(({ name }) => String(name))
      )
      const tables = [
        "CREATE TABLE \"Odd name\" (id INTEGER PRIMARY KEY, text TEXT NOT NULL CHECK (text <> ''), size INTEGER DEFAULT 7, twice INTEGER GENERATED ALWAYS AS (size * 2) STORED)",
        'CREATE UNIQUE INDEX "Odd index" ON "Odd name" (text) WHERE size > 1',
        'CREATE TABLE child (of INTEGER NOT NULL REFERENCES "Odd name" (id), n BIGSERIAL, UNIQUE (of, n))',
        "INSERT INTO \"Odd name\" (text) VALUES ('a'), ('b')",
        "INSERT INTO child (of) VALUES (1), (1), (2)"
      ]
      const made = step("odd", "0001_made", tables)
      const changed = step("odd", "0002_changed", [
        "DROP TABLE child",
        'DELETE FROM "Odd name"',
        "CREATE TABLE more (id INTEGER)"
      ])
      yield* open([made])
      // What is new changes nothing that is there.
      yield* open([made, makeNotes])
      expect(yield* backups).toEqual([])
      yield* open([made, makeNotes, changed])
      const [backup = ""] = yield* backups
      expect(
        yield* ask("SELECT obj_description(oid) AS text FROM pg_namespace WHERE nspname LIKE 'portico\\_backup%'")
      ).toEqual([{ text: "Tables of public before odd/0002_changed" }])
      yield* ask(`CALL ${backup}.restore()`)
      expect(yield* ask("SELECT module, id FROM portico_migrations ORDER BY 1, 2")).toEqual([
        { module: "notes", id: "0001_notes" },
        { module: "odd", id: "0001_made" }
      ])
      expect(yield* ask("SELECT of, n FROM child ORDER BY n")).toEqual([
        { of: "1", n: "1" },
        { of: "1", n: "2" },
        { of: "2", n: "3" }
      ])
      yield* ask("INSERT INTO child (of) VALUES (2)")
      yield* ask("INSERT INTO \"Odd name\" (text) VALUES ('c')")
      expect(
        yield* ask('SELECT (SELECT max(n) FROM child) AS n, max(id) AS id, max(twice) AS twice FROM "Odd name"')
      ).toEqual([{ n: "4", id: "3", twice: "14" }])
      for (const wrong of [
        "INSERT INTO \"Odd name\" (text) VALUES ('c')",
        "INSERT INTO \"Odd name\" (text) VALUES ('')",
        "INSERT INTO \"Odd name\" (id, text) VALUES (1, 'x')",
        "INSERT INTO child (of) VALUES (9)",
        "INSERT INTO child (of, n) VALUES (1, 1)",
        `CALL ${backup}.restore()`
      ]) {
        expect([
          wrong,
          yield* Effect.promise(() =>
            askDatabase(url, wrong).then(
              () => "done",
              () => "refused"
            )
          )
        ]).toEqual([wrong, "refused"])
      }
      // What was in place is kept, and the way there can be gone once more. Of copies the last are kept.
      expect(
        yield* ask("SELECT 1 AS one FROM pg_tables WHERE tablename = 'more' AND schemaname LIKE 'portico\\_aside%'")
      ).toHaveLength(1)
      yield* TestClock.adjust("1 minute")
      yield* open([made, makeNotes, changed])
      yield* TestClock.adjust("1 minute")
      yield* open([made, makeNotes, changed, step("odd", "0003_more", ["SELECT 1"])])
      const kept = yield* backups
      expect([kept.length, kept.includes(backup)]).toEqual([2, false])
      yield* open([made, makeNotes, changed, step("odd", "0003_more", ["SELECT 1"]), addBytes], 0)
      expect(yield* backups).toEqual(kept)
    }).pipe(Effect.scoped)
  )

  it.effect("stay as they are where they cannot be copied", () =>
    Effect.gen(function* () {
      const { open, url } = yield* database
      yield* Effect.scoped(open([makeNotes]))
      const at = "portico_backup_19700101t000000000z"
      yield* Effect.promise(() => askDatabase(url, `CREATE SCHEMA ${at}`))
      const error = yield* Effect.flip(
        PostgresDatabase.make({ url, migrations: [makeNotes, addBytes], poolSize: 1, keepBackups: 1 })
      )
      expect(error.message).toContain("database.keepBackups")
      const rows = yield* Effect.promise(() => askDatabase(url, "SELECT id FROM portico_migrations"))
      expect(rows).toEqual([{ id: "0001_notes" }])
    }).pipe(Effect.scoped)
  )

  it.effect("are on no server that does not answer, which is told without the password", () =>
    Effect.gen(function* () {
      const url = "postgres://me:secret@127.0.0.1:1/nowhere"
      const error = yield* Effect.flip(PostgresDatabase.make({ url, patience: 1 }))
      expect(error).toMatchObject({ reason: "Lost", status: 503 })
      expect(error.message).toContain("postgres://me@127.0.0.1:1/nowhere")
      expect(error.message).not.toContain("secret")
    }).pipe(Effect.scoped)
  )
})
