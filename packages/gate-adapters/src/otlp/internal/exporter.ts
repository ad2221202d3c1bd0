import type { ObservabilityService, Signals } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpLogger from "effect/observability/OtlpLogger"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import { makeRequestMeter } from "./requestMeter.ts"
import { sampled } from "./sampled.ts"

/** Where to send, and as whom. */
export interface ExporterOptions {
  /** Without `/v1/traces` and the like. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
  /** Share of the traces that begin here, from 0 to 1. */
  readonly sampling: number
}

const transport = Layer.mergeAll(FetchHttpClient.layer, OtlpSerialization.layerJson, OtlpExporter.layerFlusher)

/** Sends until the scope closes, and then what is left. */
export const makeExporter = Effect.fnUntraced(function* (options: ExporterOptions) {
  const services = yield* Layer.build(transport)
  const base = options.url.replace(/\/+$/, "")
  const resource = { serviceName: options.serviceName }
  const to = (signal: "traces" | "metrics" | "logs") => ({
    url: `${base}/v1/${signal}`,
    headers: options.headers,
    resource,
    shutdownTimeout: "2 seconds" as const
  })
  // What is left of the three leaves at once, since the time to stop is short where nobody takes it.
  const together = yield* Scope.fork(yield* Effect.scope, "parallel")
  const apart = <A, R>(exporter: Effect.Effect<A, never, R>) =>
    Effect.flatMap(Scope.fork(together), (own) => Scope.provide(exporter, own))
  return yield* Effect.gen(function* () {
    const tracer = sampled(yield* apart(OtlpTracer.make(to("traces"))), options.sampling, yield* Random.Random)
    const logger = yield* apart(OtlpLogger.make(to("logs")))
    yield* apart(OtlpMetrics.make(to("metrics")))
    const { flush } = yield* OtlpExporter.Flusher
    const signals: Signals = { tracer, logger, request: makeRequestMeter(yield* Effect.context<never>()) }
    const service: ObservabilityService = { signals, flush }
    return service
  }).pipe(Effect.provideContext(services))
})
