import * as Cause from "effect/Cause"
import * as Logger from "effect/Logger"
import * as References from "effect/References"

/** One line that a product under test logged. */
export interface LogLine {
  readonly level: string
  readonly message: string
  /** What went wrong, if the line is about that; otherwise empty. */
  readonly cause: string
  readonly annotations: Readonly<Record<string, unknown>>
}

const textOf = (message: unknown): string => {
  const parts: ReadonlyArray<unknown> = Array.isArray(message) ? message : [message]
  return parts.map((part) => (typeof part === "string" ? part : String(part))).join(" ")
}

/** A logger that keeps what it is told, and what it kept. */
export const makeMemoryLog = () => {
  const lines: Array<LogLine> = []
  const logger = Logger.make<unknown, void>(({ cause, fiber, logLevel, message }) => {
    lines.push({
      level: logLevel,
      message: textOf(message),
      cause: cause.reasons.length === 0 ? "" : Cause.pretty(cause),
      annotations: { ...fiber.getRef(References.CurrentLogAnnotations) }
    })
  })
  return { lines, logger }
}
