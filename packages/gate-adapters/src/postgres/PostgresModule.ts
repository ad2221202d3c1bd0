import { Gateway, HealthCheck } from "@portico/gate"
import { Database } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { fromSettings } from "./internal/fromSettings.ts"
import { PostgresConfig } from "./PostgresConfig.ts"

const answers = Effect.map(Database, ({ read }) => ({
  name: "postgres",
  check: read((conn) => void conn.prepare("SELECT 1 AS one").get()).pipe(
    Effect.catchCause(() => Effect.fail({ message: "The database server does not answer." }))
  )
}))

/**
 * Provides {@link Database} on PostgreSQL. Runs every module's migrations before it is ready; of processes that start at
 * once, one does.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { PostgresModule } from "@portico/gate-adapters/postgres"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [PostgresModule]
 * })
 * ```
 */
export const PostgresModule = Gateway.module.define({
  id: "database",
  displayName: "Database (PostgreSQL)",
  description: "The store that all modules and processes share.",
  version: "0.1.0",
  provides: [Database],
  config: PostgresConfig,
  layer: Layer.effect(Database, Effect.flatMap(Gateway.config(PostgresConfig), fromSettings)),
  contributes: [HealthCheck.effect(answers)]
})
