import { expect, it } from "@effect/vitest"
import { Database, type DatabaseError } from "@portico/gate/database"
import { type ModuleStep, PostgresDatabase } from "@portico/gate-adapters/postgres"
import { describeWithPostgres, freshDatabase } from "@portico/test-support/postgres"
import * as Effect from "effect/Effect"

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
