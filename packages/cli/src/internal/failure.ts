import * as Data from "effect/Data"
import { ExitCode } from "../ExitCode.ts"

/**
 * Why a command ends without success: what a human reads, and the exit code
 * that a script reads. Errors of the instance stay `PorticoError`s.
 */
export class CliFailure extends Data.TaggedError("CliFailure")<{
  readonly exit: ExitCode
  /** A word in capitals, as in the catalogue of errors. */
  readonly code: string
  /** One sentence. */
  readonly message: string
  /** What to do next: one sentence, or a command behind a colon. */
  readonly next?: string
  readonly cause?: unknown
}> {}

/** The command line is wrong. */
export const usage = (message: string, next?: string): CliFailure =>
  new CliFailure({ exit: ExitCode.usage, code: "USAGE", message, ...(next === undefined ? {} : { next }) })

/** Ends with an exit code and nothing more to say: the command has said it already. */
export class Exit extends Data.TaggedError("Exit")<{ readonly exit: ExitCode }> {}
