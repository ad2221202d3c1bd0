import { Migration } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { PostgresConfig } from "../PostgresConfig.ts"
import * as PostgresDatabase from "../PostgresDatabase.ts"

/** The database that the settings name, with the tables of every module of the product. */
export const fromSettings = Effect.fnUntraced(function* (settings: typeof PostgresConfig.Type) {
  const { keepBackups, lockTimeout, poolSize, statementTimeout, url } = settings
  // Read once: what a product's modules contribute as plain values is known before the first of them starts.
  const steps = yield* Migration.ref
  return yield* PostgresDatabase.make({
    keepBackups,
    lockTimeout,
    poolSize,
    statementTimeout,
    url: Redacted.value(url),
    migrations: steps.current.map(({ module, value }) => ({ module, step: value }))
  })
})
