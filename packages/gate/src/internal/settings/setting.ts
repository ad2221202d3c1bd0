import type * as Schema from "effect/Schema"

/** What {@link setting} adds to a field. */
export interface SettingOptions {
  /** The environment variable, instead of the one that follows from the key. */
  readonly env?: string | undefined
  /** The command line flag without its dashes, instead of the one that follows from the key. */
  readonly flag?: string | undefined
  readonly description?: string | undefined
}

/** Where the options are kept among a schema's annotations. */
export const settingAnnotation = "~@portico/gate/setting"

/**
 * Describes a setting, or names its environment variable or flag. Without names, `walSync` of module `kernel` is read
 * from `PORTICO_KERNEL_WAL_SYNC` and `--kernel-wal-sync`.
 *
 * @example
 * ```ts
 * import * as Schema from "effect/Schema"
 * import { Gateway } from "@portico/gate"
 *
 * const CrmConfig = Schema.Struct({
 *   pageSize: Gateway.setting(Schema.Int, { env: "CRM_PAGE_SIZE", description: "Contacts on one page." }),
 *   apiKey: Schema.Redacted(Schema.String)
 * })
 * ```
 */
export const setting = <S extends Schema.Top>(schema: S, options: SettingOptions): S["Rebuild"] =>
  schema.annotate({ [settingAnnotation]: options })
