import type { Writable } from "node:stream"
import * as Context from "effect/Context"
import * as Formatter from "effect/Formatter"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import type { AccessLog, AccessRecord } from "../../GatewayInstance.ts"
import type { FrameworkSettings } from "../../Settings.ts"

type Settings = Pick<FrameworkSettings["Service"], "logFormat" | "logLevel">

/** A place for log lines: the process's standard error. */
export interface LogSink {
  readonly stream: Writable & { readonly isTTY?: boolean; readonly columns?: number }
}

const isPretty = ({ logFormat }: Settings, { stream }: LogSink): boolean =>
  logFormat === "pretty" || (logFormat === "auto" && stream.isTTY === true)

/**
 * How a product's process logs: to standard error, readable on a terminal and one JSON object per line elsewhere.
 * Standard output stays free for what is said to the person who started it.
 */
export const loggingContext = (settings: Settings, sink: LogSink): Context.Context<never> => {
  const json = Logger.map(Logger.formatStructured, (line) => {
    sink.stream.write(`${Formatter.formatJson(line)}\n`)
  })
  const logger = isPretty(settings, sink) ? Logger.consolePretty({ colors: sink.stream.isTTY === true }) : json
  return Context.mergeAll(
    Context.make(Logger.CurrentLoggers, new Set([logger])),
    Context.make(Logger.LogToStderr, true),
    Context.make(References.MinimumLogLevel, settings.logLevel)
  )
}

/** Milliseconds that a line of the access log waits for others, and how many characters are written at once at least. */
const flushAfter = 100
const flushAt = 16_384

const pretty = (record: AccessRecord): string => {
  const { caller, method, millis, path, requestId, status } = record
  return `${status} ${method} ${path} ${millis.toFixed(1)} ms ${caller ?? "-"} ${requestId}`
}

let second = 0
let secondText = ""

/** ISO 8601 with milliseconds. What stays the same for a second is made once in a second. */
const timestamp = (millis: number): string => {
  const whole = Math.floor(millis / 1_000)
  if (whole !== second) {
    second = whole
    secondText = new Date(whole * 1_000).toISOString().slice(0, -4)
  }
  return `${secondText}${String(millis - whole * 1_000).padStart(3, "0")}Z`
}

const text = (value: string | null): string => (value === null ? "null" : JSON.stringify(value))

// Written out by hand: this runs for each request, and what it says is known.
const structured = ({ caller, method, millis, module, path, remote, requestId, route, status }: AccessRecord): string =>
  `{"message":"request","level":"INFO","timestamp":"${timestamp(Date.now())}","annotations":{"requestId":${text(requestId)},` +
  `"method":${text(method)},"path":${text(path)},"status":${status},"millis":${millis.toFixed(3)},` +
  `"module":${text(module)},"route":${text(route)},"caller":${text(caller)},"remote":${text(remote)}}}`

/**
 * The access log. Lines are gathered and written together, because a write for each would cost more than many requests
 * do. `flush` writes what is waiting.
 */
export const makeAccessLog = (
  settings: Settings,
  sink: LogSink
): { readonly log: AccessLog; readonly flush: () => void } => {
  const format = isPretty(settings, sink) ? pretty : structured
  let waiting = ""
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (waiting === "") return
    sink.stream.write(waiting)
    waiting = ""
  }
  return {
    flush,
    log: (record) => {
      waiting += `${format(record)}\n`
      if (waiting.length >= flushAt) flush()
      else timer ??= setTimeout(flush, flushAfter).unref()
    }
  }
}
