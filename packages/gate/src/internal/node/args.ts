import { parseArgs as parse } from "node:util"
import * as Result from "effect/Result"
import type { DeclaredSetting } from "../planner/settings.ts"
import { nearest } from "../suggest.ts"

/** What the command line asks for. */
export interface Args {
  /** Settings by dotted key. */
  readonly flags: Readonly<Record<string, string>>
  /** The settings file, if one was named. */
  readonly config: string | undefined
  readonly wants: "start" | "help" | "version"
}

const nameOf = (setting: DeclaredSetting): string => setting.flag.replace(/^--/, "")

const isSwitch = (setting: DeclaredSetting): boolean => setting.type === "true or false"

const own = {
  config: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" }
} as const

/**
 * Reads the arguments of a product's process: a flag for each setting (`--no-…` for one that is on or off), `--config`,
 * `--help`, `--version`. The word `start` may come first. Secrets are not taken: arguments are there for all to see. The
 * failure is a sentence for the person who typed it.
 */
export const parseArgs = (
  argv: ReadonlyArray<string>,
  settings: ReadonlyArray<DeclaredSetting>
): Result.Result<Args, string> => {
  const options = Object.fromEntries(
    settings.map((setting) => [
      nameOf(setting),
      { type: isSwitch(setting) ? ("boolean" as const) : ("string" as const) }
    ])
  )
  const known = [...settings.map(({ flag }) => flag), "--config", "--help", "--version"]
  const unknown = argv.find((arg) => arg.startsWith("--") && !isKnown(arg, known))
  if (unknown !== undefined) return Result.fail(unknownFlag(unknown, known))
  return Result.flatMap(
    Result.try({
      try: () =>
        parse({ args: [...argv], options: { ...options, ...own }, allowNegative: true, allowPositionals: true }),
      catch: (error) => (error instanceof Error ? error.message : String(error))
    }),
    ({ positionals, values }) => {
      const extra = positionals[0] === "start" ? positionals[1] : positionals[0]
      if (extra !== undefined) return Result.fail(`There is no command "${extra}".`)
      const given: Readonly<Record<string, unknown>> = values
      const flags: Record<string, string> = {}
      for (const setting of settings) {
        const value = given[nameOf(setting)]
        if (value === undefined) continue
        if (setting.secret) return Result.fail(secretFlag(setting))
        flags[setting.key] = String(value)
      }
      const wants = values.help === true ? "help" : values.version === true ? "version" : "start"
      return Result.succeed({ flags, config: values.config, wants })
    }
  )
}

const isKnown = (arg: string, known: ReadonlyArray<string>): boolean => {
  const name = arg.split("=", 1)[0] ?? arg
  return name === "--" || known.includes(name) || known.includes(name.replace(/^--no-/, "--"))
}

const secretFlag = ({ env, flag }: DeclaredSetting): string =>
  `${flag} would show a secret to everybody who lists processes: use ${env}, or the settings file.`

const unknownFlag = (arg: string, known: ReadonlyArray<string>): string => {
  const name = arg.split("=", 1)[0] ?? arg
  const [guess] = nearest(name, known)
  return `There is no flag ${name}.${guess === undefined ? "" : ` Did you mean ${guess}?`}`
}
