import { isAbsolute, join, resolve } from "node:path"
import { FrameworkSettings, Gateway, HealthCheck, Settings } from "@portico/gate"
import { Database, Migration } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { memory } from "./internal/location.ts"
import * as SqliteDatabase from "./SqliteDatabase.ts"

const field = <S extends Schema.Top>(schema: S, value: S["Encoded"], env: string, description: string) =>
  Gateway.setting(Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema), { env, description })

const positive = Schema.Int.check(Schema.isGreaterThan(0))

/** The settings of a file. */
export const sqliteFields = {
  file: field(
    Schema.NonEmptyString,
    "portico.db",
    "PORTICO_DATABASE_FILE",
    "File in the data folder, or an absolute path. `:memory:` keeps nothing after the process."
  ),
  synchronous: field(
    Schema.Literals(["FULL", "NORMAL"]),
    "FULL",
    "PORTICO_DATABASE_SYNCHRONOUS",
    "FULL: an acknowledged write survives a power cut. NORMAL: faster, and a power cut or a crash of the operating system may lose the last writes, though never the file."
  ),
  busyTimeout: field(
    Settings.Millis,
    5_000,
    "PORTICO_DATABASE_BUSY_TIMEOUT",
    "How long a write waits for a lock that another program holds on the file."
  ),
  cacheMiB: field(positive, 32, "PORTICO_DATABASE_CACHE_MIB", "Page cache of each of the three connections, in MiB."),
  maxLogMiB: field(
    positive,
    1_024,
    "PORTICO_DATABASE_MAX_LOG_MIB",
    "Size of the write-ahead log beyond which writes are refused, in MiB."
  )
}

/** Settings of {@link SqliteModule}; their keys start with `database.`. */
export const SqliteConfig = Schema.Struct(sqliteFields)

/** The database in the file that the settings name, with the tables of every module of the product. */
export const fromSettings = Effect.fnUntraced(function* (settings: typeof SqliteConfig.Type) {
  const { busyTimeout, cacheMiB, file, maxLogMiB, synchronous } = settings
  const { dataDir } = yield* FrameworkSettings
  // Read once: what a product's modules contribute as plain values is known before the first of them starts.
  const steps = yield* Migration.ref
  return yield* SqliteDatabase.make({
    busyTimeout,
    cacheMiB,
    maxLogMiB,
    synchronous,
    filename: file === memory || isAbsolute(file) ? file : join(resolve(dataDir), file),
    migrations: steps.current.map(({ module, value }) => ({ module, step: value }))
  })
})

const answers = Effect.map(Database, ({ read }) => ({
  name: "sqlite",
  check: read((conn) => void conn.prepare("SELECT count(*) FROM sqlite_schema").get()).pipe(
    Effect.catchCause(() => Effect.fail({ message: "The database file cannot be read." }))
  )
}))

/**
 * Provides {@link Database} on SQLite: one file in the data folder, of which this process is the only writer. Runs every
 * module's migrations before it is ready, with a backup first if the file holds anything.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { SqliteModule } from "@portico/gate-adapters/sqlite"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [SqliteModule]
 * })
 * ```
 */
export const SqliteModule = Gateway.module.define({
  id: "database",
  displayName: "Database (SQLite)",
  description: "The store that all modules share.",
  version: "0.1.0",
  provides: [Database],
  config: SqliteConfig,
  layer: Layer.effect(Database, Effect.flatMap(Gateway.config(SqliteConfig), fromSettings)),
  contributes: [HealthCheck.effect(answers)]
})
