import { readFile } from "node:fs/promises"
import { relative, resolve } from "node:path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { SettingsFile } from "../../Settings.ts"
import { fileLines } from "../settings/fileLines.ts"

/** A settings file that cannot be read. */
export class SettingsFileError extends Data.TaggedError("SettingsFileError")<{ readonly message: string }> {}

const defaultName = "portico.toml"

const isMissing = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT"

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Reads `named`, or `portico.toml` in `cwd` if there is one. A file that was named must exist.
 * The parser is loaded only when there is a file.
 */
export const readSettingsFile = Effect.fnUntraced(function* (cwd: string, named: string | undefined) {
  const path = resolve(cwd, named ?? defaultName)
  const shown = relative(cwd, path) || path
  const text = yield* Effect.tryPromise({
    try: () =>
      readFile(path, "utf8").catch((error: unknown) => {
        if (named === undefined && isMissing(error)) return undefined
        throw error
      }),
    catch: (error) =>
      new SettingsFileError({
        message: isMissing(error) ? `There is no file ${shown}.` : `Cannot read ${shown}: ${messageOf(error)}`
      })
  })
  if (text === undefined) return undefined
  const values = yield* Effect.tryPromise({
    try: async () => (await import("smol-toml")).parse(text),
    catch: (error) => new SettingsFileError({ message: `${shown} is not valid TOML: ${messageOf(error)}` })
  })
  const file: SettingsFile = { path: shown, values, lines: fileLines(text) }
  return file
})
