import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"

export { FrameworkConfig, FrameworkSettings } from "./internal/settings/framework.ts"
export { type SettingOptions, setting } from "./internal/settings/setting.ts"

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
 * import * as Effect from "effect/Effect"
 * import * as Schema from "effect/Schema"
 * import { Gateway } from "@portico/gate"
 *
 * const CrmConfig = Schema.Struct({ pageSize: Schema.Int })
 *
 * const pageSize = Effect.gen(function* () {
 *   const settings = yield* Gateway.config(CrmConfig)
 *   return settings.pageSize
 * })
 * ```
 */
export const config = <S extends ConfigSchema>(schema: S): Effect.Effect<S["Type"], never, ModuleSettings> =>
  Effect.flatMap(ModuleSettings, (settings) =>
    settings.schema === schema
      ? // The planner decoded `value` with this very schema.
        Effect.succeed(settings.value as S["Type"])
      : Effect.die(new Error(`Module "${settings.module}" reads settings with a schema that is not its \`config\`.`))
  )
