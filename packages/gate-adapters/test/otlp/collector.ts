import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import type { ObservedLog, ObservedRequests, ObservedSpan } from "@portico/gate/testing"
import { Effect } from "effect"

/** OTLP's JSON, as far as it is looked at here. */
interface KeyValue {
  readonly key: string
  readonly value: {
    readonly stringValue?: string
    readonly boolValue?: boolean
    readonly intValue?: string | number
    readonly doubleValue?: number
  }
}
interface Message {
  readonly resourceSpans?: ReadonlyArray<{
    readonly resource: { readonly attributes: ReadonlyArray<KeyValue> }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
  readonly resourceLogs?: ReadonlyArray<{
    readonly scopeLogs: ReadonlyArray<{ readonly logRecords: ReadonlyArray<LogRecord> }>
  }>
  readonly resourceMetrics?: ReadonlyArray<{
    readonly scopeMetrics: ReadonlyArray<{ readonly metrics: ReadonlyArray<Measured> }>
  }>
}
interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly attributes: ReadonlyArray<KeyValue>
  readonly status: { readonly code: number }
}
interface LogRecord {
  readonly severityText: string
  readonly body: KeyValue["value"]
  readonly attributes: ReadonlyArray<KeyValue>
  readonly traceId?: string
  readonly spanId?: string
}
interface Measured {
  readonly name: string
  readonly unit: string
  readonly histogram?: {
    readonly dataPoints: ReadonlyArray<{
      readonly attributes: ReadonlyArray<KeyValue>
      readonly count: number | string
    }>
  }
}

const plain = ({ boolValue, doubleValue, intValue, stringValue }: KeyValue["value"]): unknown =>
  stringValue ?? boolValue ?? doubleValue ?? (intValue === undefined ? undefined : Number(intValue))

const recordOf = (attributes: ReadonlyArray<KeyValue>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]))

/** A request that the collector got. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly message: Message
}

/** A server that takes OTLP over HTTP for as long as the scope lives, and what it was sent. */
export const startCollector = Effect.gen(function* () {
  const received: Array<Received> = []
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const message: Message = JSON.parse(Buffer.concat(chunks).toString("utf8"))
      received.push({ path: request.url ?? "", headers: request.headers, message })
      response.writeHead(200, { "content-type": "application/json" }).end("{}")
    })
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  // A server that listens on a port has this form of address.
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, received }
})

const messages = (received: ReadonlyArray<Received>) => received.map(({ message }) => message)

export const spansOf = (received: ReadonlyArray<Received>): ReadonlyArray<ObservedSpan> =>
  messages(received)
    .flatMap(({ resourceSpans = [] }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .map(({ attributes, name, parentSpanId, spanId, status, traceId }) => ({
      name,
      traceId,
      spanId,
      parentSpanId,
      attributes: recordOf(attributes),
      failed: status.code === 2
    }))

export const logsOf = (received: ReadonlyArray<Received>): ReadonlyArray<ObservedLog> =>
  messages(received)
    .flatMap(({ resourceLogs = [] }) => resourceLogs)
    .flatMap(({ scopeLogs }) => scopeLogs)
    .flatMap(({ logRecords }) => logRecords)
    .map(({ attributes, body, severityText, spanId, traceId }) => ({
      level: severityText,
      message: String(plain(body)),
      annotations: recordOf(attributes),
      traceId,
      spanId
    }))

/** The last word on each series. */
export const requestsOf = (received: ReadonlyArray<Received>): ReadonlyArray<ObservedRequests> => {
  const series = new Map<string, ObservedRequests>()
  const points = messages(received)
    .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .filter(({ name, unit }) => name === "http.server.request.duration" && unit === "s")
    .flatMap(({ histogram }) => histogram?.dataPoints ?? [])
  for (const { attributes, count } of points) {
    const found = recordOf(attributes)
    const route = String(found["http.route"])
    const status = Number(found["http.response.status_code"])
    series.set(`${status} ${route}`, { route, status, count: Number(count) })
  }
  return [...series.values()]
}

export const serviceNamesOf = (received: ReadonlyArray<Received>): ReadonlySet<unknown> =>
  new Set(
    messages(received)
      .flatMap(({ resourceSpans = [] }) => resourceSpans)
      .map(({ resource }) => recordOf(resource.attributes)["service.name"])
  )
