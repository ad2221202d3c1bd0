import { Gateway } from "@portico/gate"
import { Observability } from "@portico/gate/contracts"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { parseHeaders } from "./internal/headers.ts"

const { setting } = Gateway

const Ratio = Schema.Number.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const withDefault = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema)

/** Settings of {@link OtlpModule}; their keys start with `otlp.`. Without `url` it is off. */
export const OtlpConfig = Schema.Struct({
  url: Schema.optionalKey(
    setting(Schema.String.check(Schema.isPattern(/^https?:\/\/./)), {
      env: "PORTICO_OTLP_URL",
      description:
        "Where spans, metrics and log lines are sent (OTLP over HTTP, JSON), for example http://localhost:4318. Unset: nowhere."
    })
  ),
  headers: Schema.optionalKey(
    setting(Schema.Redacted(Schema.String), {
      env: "PORTICO_OTLP_HEADERS",
      description: "Headers to send along, such as a key: name=value, separated by commas, values percent-encoded."
    })
  ),
  serviceName: setting(withDefault(Schema.NonEmptyString, "portico"), {
    env: "PORTICO_OTLP_SERVICE_NAME",
    description: "What this instance is called on the other side (service.name)."
  }),
  sampling: setting(withDefault(Ratio, 1), {
    env: "PORTICO_OTLP_SAMPLING",
    description:
      "Share of the traces that begin here to be sent, from 0 to 1. Whoever began a trace decides for all of it."
  })
})

/** The setting `otlp.headers` cannot be read. */
export class OtlpStartError extends Data.TaggedError("OtlpStartError")<{ readonly message: string }> {}

const layer = Layer.effect(
  Observability,
  Effect.gen(function* () {
    const { headers, sampling, serviceName, url } = yield* Gateway.config(OtlpConfig)
    if (url === undefined) return { signals: undefined, flush: Effect.void }
    const parsed = parseHeaders(headers === undefined ? "" : Redacted.value(headers))
    if (Result.isFailure(parsed)) return yield* new OtlpStartError({ message: parsed.failure })
    // Only a process that is asked to send anything pays for the exporter.
    const { makeExporter } = yield* Effect.promise(() => import("./internal/exporter.ts"))
    return yield* makeExporter({ url, headers: parsed.success, serviceName, sampling })
  })
)

/**
 * Provides `Observability` by OTLP over HTTP, with Effect's own exporter: to an OpenTelemetry Collector or whoever
 * speaks its protocol. Off, and free of cost, until the setting `otlp.url` (`PORTICO_OTLP_URL`) says where to. The
 * product does not wait for the other side: what it does not take after some tries is dropped.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { OtlpModule } from "@portico/gate-adapters/otlp"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [OtlpModule]
 * })
 * ```
 */
export const OtlpModule = Gateway.module.define({
  id: "otlp",
  displayName: "Observability (OTLP)",
  description: "Sends spans, metrics and log lines to an OpenTelemetry Collector.",
  version: "0.1.0",
  provides: [Observability],
  config: OtlpConfig,
  layer,
  onBootFailure: "degrade"
})
