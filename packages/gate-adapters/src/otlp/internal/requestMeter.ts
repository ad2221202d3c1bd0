import type { AnsweredRequest } from "@portico/gate/contracts"
import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"

// Name, unit and bounds of OpenTelemetry's semantic conventions for HTTP servers; in seconds.
const duration = () =>
  Metric.histogram("http.server.request.duration", {
    description: "Time from a request's arrival to its answer.",
    attributes: { unit: "s" },
    boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
  })

/** Measures requests by method, route, status and module. There are as many series as a product has of these. */
export const makeRequestMeter = (context: Context.Context<never>): ((answered: AnsweredRequest) => void) => {
  const all = duration()
  const series = new Map<string, typeof all>()
  return ({ method, millis, module, route, status }) => {
    const key = `${status} ${method} ${route}`
    let one = series.get(key)
    if (one === undefined) {
      one = Metric.withAttributes(all, {
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": String(status),
        "portico.module": module
      })
      series.set(key, one)
    }
    one.updateUnsafe(millis / 1_000, context)
  }
}
