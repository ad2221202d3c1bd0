import type { DatabaseSync } from "node:sqlite"
import type { AppliedStep } from "../../internal/migrationPlan.ts"

/** The record of applied steps, kept in the database it describes. */
export const migrationsTable = {
  create: `CREATE TABLE IF NOT EXISTS portico_migrations (
    module TEXT NOT NULL,
    id TEXT NOT NULL,
    applied_at INTEGER NOT NULL,
    PRIMARY KEY (module, id)
  ) STRICT, WITHOUT ROWID`,
  insert: "INSERT INTO portico_migrations (module, id, applied_at) VALUES (?, ?, ?)",
  /** All steps that a file has; none where the table was never made. */
  read: (db: DatabaseSync): ReadonlyArray<AppliedStep> => {
    const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'portico_migrations'").get()
    if (exists === undefined) return []
    return db
      .prepare("SELECT module, id FROM portico_migrations ORDER BY module, id")
      .all()
      .map((row) => ({ module: String(row.module), id: String(row.id) }))
  }
} as const
