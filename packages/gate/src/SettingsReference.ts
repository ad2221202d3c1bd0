import type { Diagnostic } from "./Diagnostic.ts"
import { checkSettings } from "./internal/planner/settings.ts"
import { makeSubject } from "./internal/planner/subject.ts"
import { makePage, type RenderOptions } from "./internal/render/page.ts"
import { settingLines } from "./internal/render/settings.ts"
import { settingsMarkdown } from "./internal/render/settingsMarkdown.ts"
import { fileLines } from "./internal/settings/fileLines.ts"
import { showSource } from "./internal/settings/sources.ts"
import { Bytes, Millis, Seconds } from "./internal/settings/units.ts"
import type { PlannedSetting } from "./Plan.ts"
import type { Product } from "./Product.ts"
import type { SettingSource, SettingsSources } from "./Settings.ts"

/**
 * A product's settings, whether or not it can be planned; and schemas for the amounts that modules are set to, so that
 * times and sizes are written in one way everywhere.
 *
 * @example
 * ```ts
 * import { Gateway, Settings } from "@portico/gate"
 * import * as Effect from "effect/Effect"
 * import * as Schema from "effect/Schema"
 *
 * const CrmConfig = Schema.Struct({
 *   callTimeout: Settings.Millis.check(Schema.isGreaterThan(0)).pipe(
 *     Schema.withDecodingDefaultKey(Effect.succeed(30_000))
 *   )
 * })
 *
 * const crm = Gateway.module.define({ id: "crm", displayName: "CRM", config: CrmConfig })
 * const product = Gateway.make({ identity: { id: "example", name: "Example" }, modules: [crm] })
 * const { settings } = Settings.resolve(product, { env: { PORTICO_CRM_CALL_TIMEOUT: "5s" } })
 * console.log(Settings.text(settings.filter(({ owner }) => owner === "crm")))
 * ```
 */
export const Settings = {
  /** A number of milliseconds, in a file or a variable also `"30s"`, `"5 minutes"`. */
  Millis,
  /** A number of seconds, in a file or a variable also `"15m"`, `"1 hour"`. */
  Seconds,
  /** A number of bytes, in a file or a variable also `"1 MiB"`, `"512 kB"`. */
  Bytes,
  /** Every setting with its value and source, and what is wrong with them. */
  resolve: (
    product: Product,
    sources: SettingsSources
  ): { readonly settings: ReadonlyArray<PlannedSetting>; readonly diagnostics: ReadonlyArray<Diagnostic> } => {
    const { diagnostics, settings } = checkSettings(makeSubject(product, { settings: sources }))
    return { settings, diagnostics }
  },
  /** Every setting with its default: what the reference lists, and which flags and variables there are. */
  reference: (product: Product): ReadonlyArray<PlannedSetting> => Settings.resolve(product, {}).settings,
  /** For a person in a terminal. */
  text: (settings: ReadonlyArray<PlannedSetting>, options?: RenderOptions): string =>
    settingLines(makePage(options), settings).join("\n"),
  /** The reference as Markdown, a section for each module that has settings. The same for the same product. */
  markdown: (product: Product): string => settingsMarkdown(product, Settings.reference(product)),
  /** Where a value came from, in a few words: `--port`, `PORTICO_PORT`, `portico.toml:3`, `default` or `not set`. */
  sourceText: (source: SettingSource): string => showSource(source),
  /** The line of each key of a TOML text, for {@link SettingsFile}. */
  fileLines
} as const
