import { Gateway, HealthCheck, Settings } from "@portico/gate"
import { Database, Migration } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as PostgresDatabase from "./PostgresDatabase.ts"

const { setting } = Gateway

const PostgresUrl = Schema.Redacted(
  Schema.String.check(
    Schema.makeFilter((text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined
      const isPostgres = url?.protocol === "postgres:" || url?.protocol === "postgresql:"
      return (isPostgres && url.pathname.length > 1) || "has to be postgres://user:password@host:port/database"
    })
  )
)

const PoolSize = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 500 }))

/** The setting `database.url`. */
export const postgresUrl = setting(PostgresUrl, {
  env: "PORTICO_DATABASE_URL",
  description:
    "The PostgreSQL database, as postgres://user:password@host:port/database. Any number of processes share it."
})

/** What goes with `database.url`. */
export const postgresFields = {
  poolSize: setting(Schema.withDecodingDefaultKey<typeof PoolSize>(Effect.succeed(5))(PoolSize), {
    env: "PORTICO_DATABASE_POOL_SIZE",
    description: "PostgreSQL: connections for reading, and as many again for modules off the hot path. One more writes."
  }),
  statementTimeout: setting(
    Schema.withDecodingDefaultKey<typeof Settings.Millis>(Effect.succeed(30_000))(Settings.Millis),
    {
      env: "PORTICO_DATABASE_STATEMENT_TIMEOUT",
      description: "PostgreSQL: longest time that one statement may run."
    }
  ),
  lockTimeout: setting(Schema.withDecodingDefaultKey<typeof Settings.Millis>(Effect.succeed(10_000))(Settings.Millis), {
    env: "PORTICO_DATABASE_LOCK_TIMEOUT",
    description: "PostgreSQL: how long a write waits for those of other processes."
  })
} as const

/** Settings of {@link PostgresModule}; their keys start with `database.`. */
export const PostgresConfig = Schema.Struct({ url: postgresUrl, ...postgresFields })

/** The database that the settings name, with the tables of every module of the product. */
export const fromSettings = Effect.fnUntraced(function* (settings: typeof PostgresConfig.Type) {
  const { url, ...options } = settings
  // Read once: what a product's modules contribute as plain values is known before the first of them starts.
  const steps = yield* Migration.ref
  return yield* PostgresDatabase.make({
    ...options,
    url: Redacted.value(url),
    migrations: steps.current.map(({ module, value }) => ({ module, step: value }))
  })
})

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
