import { Gateway, HealthCheck } from "@portico/gate"
import { Database } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { postgresFields, postgresUrl } from "../postgres/PostgresConfig.ts"
import { fromSettings as onSqlite, sqliteFields } from "../sqlite/SqliteModule.ts"

/** Settings of {@link DatabaseModule}; their keys start with `database.`. Without `url` it is SQLite. */
export const DatabaseConfig = Schema.Struct({
  url: Schema.optionalKey(postgresUrl),
  ...sqliteFields,
  ...postgresFields
})

const layer = Layer.effect(
  Database,
  Effect.gen(function* () {
    const { url, ...settings } = yield* Gateway.config(DatabaseConfig)
    if (url === undefined) return yield* onSqlite(settings)
    // Only a process that has a server pays for speaking to it.
    const { fromSettings } = yield* Effect.promise(() => import("../postgres/internal/fromSettings.ts"))
    return yield* fromSettings({ url, ...settings })
  })
)

const answers = Effect.map(Database, ({ read }) => ({
  name: "database",
  check: read((conn) => void conn.prepare("SELECT 1 AS one").get()).pipe(
    Effect.catchCause(() => Effect.fail({ message: "The database does not answer." }))
  )
}))

/**
 * Provides `Database` on PostgreSQL, if the setting `database.url` (`PORTICO_DATABASE_URL`) names a database; any number
 * of processes may share it. Without, it is SQLite: one file in the data folder, for one process.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { DatabaseModule } from "@portico/gate-adapters/database"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [DatabaseModule]
 * })
 * ```
 */
export const DatabaseModule = Gateway.module.define({
  id: "database",
  displayName: "Database",
  description: "The store that all modules share: a file of SQLite, or PostgreSQL.",
  version: "0.1.0",
  provides: [Database],
  config: DatabaseConfig,
  layer,
  contributes: [HealthCheck.effect(answers)]
})
