import { Gateway, Settings } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

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

const KeepBackups = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 }))

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
    description:
      "PostgreSQL: connections for reading, and as many again for modules off the hot path. One more writes, and one listens."
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
  }),
  keepBackups: setting(Schema.withDecodingDefaultKey<typeof KeepBackups>(Effect.succeed(2))(KeepBackups), {
    env: "PORTICO_DATABASE_KEEP_BACKUPS",
    description:
      "PostgreSQL: how many copies of all tables are kept, each in a schema of the same database, that were made before an upgrade changed them. 0 makes none: then dump before an upgrade."
  })
} as const

/** Settings of `PostgresModule`; their keys start with `database.`. */
export const PostgresConfig = Schema.Struct({ url: postgresUrl, ...postgresFields })
