import { Database } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import { checkDatabase } from "../../src/internal/check/reading.ts"

/** What a check of the store says. */
export const integrity = Effect.flatMap(Database, checkDatabase)

/** The violations of the store, in short. */
export const violations = Effect.map(integrity, (report) =>
  report.violations.map(({ check, message, subject }) => `${check} ${subject}: ${message}`)
)
