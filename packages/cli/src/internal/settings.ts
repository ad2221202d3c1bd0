/**
 * Where the distro's settings come from, as `portico start` reads them.
 */
import { readFile } from "node:fs/promises"
import { Settings, type SettingsFile, type SettingsSources } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { parse } from "smol-toml"
import { CurrentIo } from "../Io.ts"
import { usage } from "./failure.ts"

const defaultFile = "portico.toml"

const isMissing = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT"

const readText = (path: string, mayBeMissing: boolean) =>
  Effect.tryPromise({
    try: () =>
      readFile(path, "utf8").catch((error: unknown) => {
        if (mayBeMissing && isMissing(error)) return undefined
        throw error
      }),
    catch: (error) => usage(isMissing(error) ? `there is no file ${path}` : `cannot read ${path}`)
  })

const readSettingsFile = Effect.fnUntraced(function* (named: Option.Option<string>) {
  const path = Option.getOrElse(named, () => defaultFile)
  const text = yield* readText(path, Option.isNone(named))
  if (text === undefined) return undefined
  const values = yield* Effect.try({
    try: () => parse(text),
    catch: (error) => usage(`${path} is not TOML: ${error instanceof Error ? error.message.split("\n")[0] : error}`)
  })
  const file: SettingsFile = { path, values, lines: Settings.fileLines(text) }
  return file
})

/** The environment, and the settings file: the one that is named, or `portico.toml` if it is there. */
export const settingsSources = Effect.fnUntraced(function* (config: Option.Option<string>) {
  const io = yield* CurrentIo
  const file = yield* readSettingsFile(config)
  const sources: SettingsSources = { env: io.env, file }
  return sources
})
