/**
 * How a failure is told: one readable line, and with `--debug` all that is known.
 */
import { isPorticoError } from "@portico/schema"
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import { ExitCode, exitCodeOf } from "../ExitCode.ts"
import type { Io } from "../Io.ts"
import { adviceFor, issuesOf } from "./advice.ts"
import { lacksCommandOnly } from "./askedForHelp.ts"
import { CliFailure, Exit } from "./failure.ts"
import { printable, styleFor } from "./text.ts"

interface Report {
  readonly exit: ExitCode
  readonly code: string
  readonly message: string
  readonly next?: string | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

const sentence = (text: string): string => text.trim().replace(/\.$/, "")

const reportOf = (error: unknown): Report => {
  if (error instanceof CliFailure) return error
  if (isPorticoError(error)) {
    const issues = issuesOf(error)
    const message = issues === undefined ? error.message : `${sentence(error.message)}: ${issues}`
    return { exit: exitCodeOf(error), code: error.code, message, next: adviceFor(error), details: error.details }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    exit: ExitCode.failed,
    code: "INTERNAL",
    message,
    next: "This is a fault of the command; --debug shows where"
  }
}

const sentences = (first: string, next: string | undefined): string => {
  const told = sentence(first)
  if (next === undefined) return told
  return `${told}${/[?!]$/.test(told) ? "" : "."} ${sentence(next)}`
}

const line = (io: Pick<Io, "env" | "err">, report: Report): string => {
  const { red } = styleFor(io, io.err)
  return `portico: ${red(report.code)}: ${printable(sentences(report.message, report.next))}\n`
}

const causeChain = (error: unknown): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let here: unknown = error
  while (here instanceof Error && lines.length < 16) {
    lines.push(`  ${lines.length === 0 ? "" : "caused by "}${here.stack ?? String(here)}`)
    here = here.cause
  }
  return here === undefined || here instanceof Error ? lines : [...lines, `  caused by ${String(here)}`]
}

const debugText = (error: unknown, report: Report): string => {
  const details = report.details === undefined ? [] : [`  details ${JSON.stringify(report.details)}`]
  const lines = [...details, ...causeChain(error)].flatMap((text) => text.split("\n"))
  return lines.map((text) => `${printable(text)}\n`).join("")
}

/**
 * Tells why the command failed and gives its exit code. Usage errors of
 * effect/cli have been told already, by its presenter.
 */
export const report = (
  io: Io,
  cause: Cause.Cause<unknown>,
  asked: { readonly debug: boolean; readonly isHelp: boolean }
): ExitCode => {
  if (Cause.hasInterruptsOnly(cause)) return ExitCode.interrupted
  const error = Cause.squash(cause)
  if (error instanceof Exit) return error.exit
  if (CliError.isCliError(error) && error._tag === "ShowHelp") {
    const isBare = error.commandPath.length === 1 && lacksCommandOnly(error.errors)
    return asked.isHelp || isBare ? ExitCode.ok : ExitCode.usage
  }
  const told = reportOf(error)
  io.err.write(line(io, told))
  if (asked.debug) io.err.write(debugText(error, told))
  return told.exit
}
