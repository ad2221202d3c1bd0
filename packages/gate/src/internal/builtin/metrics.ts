import * as Effect from "effect/Effect"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import type { Endpoint } from "../http/Endpoint.ts"
import { durationBounds } from "../http/traffic.ts"
import type { Inside } from "./inside.ts"

const escapeLabel = (value: string): string =>
  value.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`))

const labels = (pairs: Readonly<Record<string, string>>): string =>
  `{${Object.entries(pairs)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(",")}}`

const labelsOf = ({ info }: Endpoint): Readonly<Record<string, string>> => ({
  module: info.module,
  route: info.id,
  method: info.method,
  path: info.path
})

const requestLines = (endpoint: Endpoint): ReadonlyArray<string> =>
  endpoint.traffic.byClass.flatMap((count, index) =>
    count === 0 ? [] : `portico_http_requests_total${labels({ ...labelsOf(endpoint), status: `${index}xx` })} ${count}`
  )

const durationLines = (endpoint: Endpoint): ReadonlyArray<string> => {
  const { buckets, totalMillis } = endpoint.traffic
  const base = labelsOf(endpoint)
  let total = 0
  const lines = buckets.map((count, index) => {
    total += count
    const bound = durationBounds[index]
    const le = bound === undefined ? "+Inf" : String(bound / 1_000)
    return `portico_http_request_duration_seconds_bucket${labels({ ...base, le })} ${total}`
  })
  if (total === 0) return []
  const sum = `portico_http_request_duration_seconds_sum${labels(base)} ${totalMillis / 1_000}`
  return [...lines, sum, `portico_http_request_duration_seconds_count${labels(base)} ${total}`]
}

const callLines = ({ sockets }: Inside): ReadonlyArray<string> =>
  [...sockets.calls].flatMap(([call, counts]) =>
    Object.entries(counts).map(([outcome, count]) => `portico_socket_calls_total${labels({ call, outcome })} ${count}`)
  )

const family = (name: string, type: string, help: string, lines: ReadonlyArray<string>): ReadonlyArray<string> => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...lines
]

/** Prometheus text (exposition format 0.0.4): what the server saw, module states, and every Effect metric. */
export const metricsText = (inside: Inside): Effect.Effect<string> =>
  Effect.map(PrometheusMetrics.format(), (others) => {
    const own = [
      ...family("portico_http_requests_total", "counter", "Answers.", inside.endpoints.flatMap(requestLines)),
      ...family(
        "portico_http_request_duration_seconds",
        "histogram",
        "Time from a request's arrival to its answer.",
        inside.endpoints.flatMap(durationLines)
      ),
      ...family("portico_http_in_flight", "gauge", "Requests being answered.", [
        `portico_http_in_flight ${inside.traffic.inFlight}`
      ]),
      ...family("portico_sockets", "gauge", "Open sockets.", [`portico_sockets ${inside.sockets.open}`]),
      ...family("portico_socket_calls_total", "counter", "Calls over sockets that ended.", callLines(inside)),
      ...family(
        "portico_module_state",
        "gauge",
        "1 for the state that a module is in.",
        inside.board.all().map(({ id, status }) => `portico_module_state${labels({ module: id, state: status })} 1`)
      )
    ]
    return `${own.join("\n")}\n${others}`
  })
