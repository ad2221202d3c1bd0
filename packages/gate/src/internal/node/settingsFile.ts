import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { SettingsFile } from "../../Settings.ts"
import { fileLines } from "../settings/fileLines.ts"

/** A settings file that cannot be read. */
export class SettingsFileError extends Data.TaggedError("SettingsFileError")<{
  readonly message: string
  /** Counted from 1, where the text of the file is wrong. */
  readonly line?: number
}> {}

const defaultName = "portico.toml"

const isMissing = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT"

const lineOf = (error: unknown): { readonly line?: number } =>
  error instanceof Error && "line" in error && typeof error.line === "number" ? { line: error.line } : {}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Reads `named`, or `portico.toml` in `cwd` if there is one, as {@link runMain} does. A file that was named must exist.
 *
 * @example
 * ```ts no-run
 * import * as Effect from "effect/Effect"
 * import { Gateway, Settings } from "@portico/gate"
 * import { readSettingsFile } from "@portico/gate/node"
 *
 * const product = Gateway.make({ identity: { id: "example", name: "Example" }, modules: [] })
 * const problems = Effect.gen(function* () {
 *   const file = yield* readSettingsFile(process.cwd(), undefined)
 *   return Settings.resolve(product, { env: process.env, file }).diagnostics
 * })
 * ```
 */
export const readSettingsFile = Effect.fnUntraced(function* (cwd: string, named: string | undefined) {
  const shown = named ?? defaultName
  const path = resolve(cwd, shown)
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
    // Most products have no file, so the parser is loaded when there is one.
    try: async () => (await import("smol-toml")).parse(text),
    catch: (error) =>
      new SettingsFileError({ message: `${shown} is not valid TOML: ${messageOf(error)}`, ...lineOf(error) })
  })
  const file: SettingsFile = { path: shown, values, lines: fileLines(text) }
  return file
})
