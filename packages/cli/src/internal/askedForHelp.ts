/**
 * When a command line that effect/cli refuses asks for help all the same.
 */
import type * as CliError from "effect/cli/CliError"

/** Whether `--help` is among the words, whatever else is. Behind `--` it is a word like any other. */
export const asksForHelp = (words: ReadonlyArray<string>): boolean => {
  const end = words.indexOf("--")
  return words.slice(0, end === -1 ? undefined : end).some((word) => word === "--help" || word === "-h")
}

/** Flags that commands share without all having them, as effect/cli calls them. */
const shared: ReadonlySet<string> = new Set(["--json", "--instance", "--token-file", "--data", "--no-input"])

/** Whether nothing is wrong but that a flag of its commands stands behind a group that was given none of them. */
export const lacksCommandOnly = (errors: ReadonlyArray<CliError.CliError>): boolean =>
  errors.every((error) => error._tag === "UnrecognizedOption" && shared.has(error.option))
