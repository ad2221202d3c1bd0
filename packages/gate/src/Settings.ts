import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** A schema of settings: a struct, whose nested structs nest the keys. */
export type ConfigSchema = Schema.Top & { readonly fields: Schema.Struct.Fields }

/** The parsed `portico.toml`. */
export interface SettingsFile {
  /** Shown as the source of a value. */
  readonly path: string
  readonly values: Readonly<Record<string, unknown>>
  /** Line of each dotted key, counted from 1, where the parser knows it. */
  readonly lines?: Readonly<Record<string, number>> | undefined
}

/** Where settings come from. The first that has a key wins: flags, environment, file, the schema's default. */
export interface SettingsSources {
  /** By dotted key, for example `{ "gate.port": "4010" }`. */
  readonly flags?: Readonly<Record<string, unknown>> | undefined
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  readonly file?: SettingsFile | undefined
}

/** Where a value came from. */
export type SettingSource =
  | { readonly _tag: "Flag"; readonly name: string }
  | { readonly _tag: "Env"; readonly name: string }
  | { readonly _tag: "File"; readonly path: string; readonly line?: number | undefined }
  | { readonly _tag: "Default" }
  | { readonly _tag: "Unset" }

/** What {@link setting} adds to a field. */
export interface SettingOptions {
  /** The environment variable, instead of the one that follows from the key. */
  readonly env?: string | undefined
  readonly description?: string | undefined
}

/** The settings of the module that reads them. The framework provides it to each module; see {@link config}. */
export class ModuleSettings extends Context.Service<
  ModuleSettings,
  { readonly module: string; readonly schema: ConfigSchema | undefined; readonly value: unknown }
>()("@portico/gate/ModuleSettings") {}

/**
 * The decoded settings of the module whose layer, handler or contribution asks. `schema` is the one that the module
 * declared as its `config`; another one is a defect.
 *
 * @example
 * ```ts
 * const { walSync } = yield* Gateway.config(KernelConfig)
 * ```
 */
export const config = <S extends ConfigSchema>(schema: S): Effect.Effect<S["Type"], never, ModuleSettings> =>
  Effect.flatMap(ModuleSettings, (settings) =>
    settings.schema === schema
      ? // The planner decoded `value` with this very schema.
        Effect.succeed(settings.value as S["Type"])
      : Effect.die(new Error(`Module "${settings.module}" reads settings with a schema that is not its \`config\`.`))
  )

const annotationKey = "~@portico/gate/setting"

/**
 * Names the environment variable of a setting, or describes it.
 *
 * @example
 * ```ts
 * Schema.Struct({ port: Gateway.setting(Schema.Int, { env: "PORTICO_PORT", description: "Port to listen on." }) })
 * ```
 */
export const setting = <S extends Schema.Top>(schema: S, options: SettingOptions): S["Rebuild"] =>
  schema.annotate({ [annotationKey]: options })

const withDefault = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/** The framework's own settings, with keys that start with `gate.`. Times are milliseconds, sizes are bytes. */
export const FrameworkConfig = Schema.Struct({
  host: withDefault(setting(Schema.String, { env: "PORTICO_HOST" }), "127.0.0.1"),
  port: withDefault(setting(Schema.Int, { env: "PORTICO_PORT" }), 4000),
  dataDir: withDefault(setting(Schema.String, { env: "PORTICO_DATA" }), "./.portico"),
  publicUrl: Schema.optionalKey(setting(Schema.String, { env: "PORTICO_PUBLIC_URL" })),
  internalListen: Schema.optionalKey(setting(Schema.String, { env: "PORTICO_INTERNAL_LISTEN" })),
  trustProxy: withDefault(setting(Schema.Array(Schema.String), { env: "PORTICO_TRUST_PROXY" }), []),
  corsOrigins: withDefault(setting(Schema.Array(Schema.String), { env: "PORTICO_CORS_ORIGINS" }), []),
  bodyLimit: withDefault(setting(Schema.Int, { env: "PORTICO_BODY_LIMIT" }), 1_048_576),
  headerLimit: withDefault(setting(Schema.Int, { env: "PORTICO_HEADER_LIMIT" }), 16_384),
  requestTimeout: withDefault(setting(Schema.Int, { env: "PORTICO_REQUEST_TIMEOUT" }), 30_000),
  headersTimeout: withDefault(setting(Schema.Int, { env: "PORTICO_HEADERS_TIMEOUT" }), 10_000),
  shutdownDelay: withDefault(setting(Schema.Int, { env: "PORTICO_SHUTDOWN_DELAY" }), 0),
  drainDeadline: withDefault(setting(Schema.Int, { env: "PORTICO_DRAIN_DEADLINE" }), 10_000),
  moduleStopDeadline: withDefault(setting(Schema.Int, { env: "PORTICO_MODULE_STOP_DEADLINE" }), 5_000),
  stopDeadline: withDefault(setting(Schema.Int, { env: "PORTICO_STOP_DEADLINE" }), 20_000),
  startTimeout: withDefault(setting(Schema.Int, { env: "PORTICO_START_TIMEOUT" }), 30_000),
  accessLog: withDefault(setting(Schema.Boolean, { env: "PORTICO_ACCESS_LOG" }), true),
  logLevel: withDefault(
    setting(Schema.Literals(["All", "Trace", "Debug", "Info", "Warn", "Error", "Fatal", "None"]), {
      env: "PORTICO_LOG_LEVEL"
    }),
    "Info"
  ),
  logFormat: withDefault(setting(Schema.Literals(["auto", "pretty", "json"]), { env: "PORTICO_LOG_FORMAT" }), "auto")
})

/** The framework's settings, decoded. Every module may read them without requiring them. */
export class FrameworkSettings extends Context.Service<FrameworkSettings, typeof FrameworkConfig.Type>()(
  "@portico/gate/FrameworkSettings"
) {}
