import type { Database, DatabaseService, MigrationStep } from "@portico/gate/database"
import * as Effect from "effect/Effect"

/** What a step does on one of the databases: its statements, or the effect that it is. */
export const statementsOf = (
  { up }: MigrationStep,
  dialect: DatabaseService["dialect"]
): ReadonlyArray<string> | Effect.Effect<void, unknown, Database> => {
  if (Effect.isEffect(up)) return up
  const sql = typeof up === "object" && "sqlite" in up ? up[dialect] : up
  return typeof sql === "string" ? [sql] : sql
}
