import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { DatabaseService } from "../../../contracts/Database.ts"

/** The tables of the checks. */
const tables = {
  sqlite: [
    "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT",
    "CREATE TABLE mark (note INTEGER NOT NULL REFERENCES note (id), size INTEGER, bytes BLOB) STRICT"
  ],
  postgres: [
    `CREATE TABLE note (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text TEXT COLLATE "C" NOT NULL UNIQUE)`,
    "CREATE TABLE mark (note BIGINT NOT NULL REFERENCES note (id), size BIGINT, bytes BYTEA)"
  ]
} as const

export const createTables = (database: DatabaseService) =>
  database.write((tx) =>
    Effect.sync(() => {
      for (const table of tables[database.dialect]) tx.exec(table)
    })
  )

export const insertNote = "INSERT INTO note (text) VALUES (?)"

/** Inserts a note; gives how many rows that made. */
export const insert = (database: DatabaseService, text: string) =>
  database.write((tx) => Effect.sync(() => tx.prepare(insertNote).run(text).changes))

/** The notes in the order of their texts. */
export const notes = (database: DatabaseService) =>
  database.read((conn) =>
    conn
      .prepare("SELECT text FROM note ORDER BY text")
      .all()
      .map((row) => row.text)
  )

export const count = (database: DatabaseService) =>
  database.read((conn) => Number(conn.prepare("SELECT count(*) AS n FROM note").get()?.n))

export const defectMessage = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isFailure(exit) && Cause.hasDies(exit.cause) ? String(Cause.squash(exit.cause)) : "no defect"
