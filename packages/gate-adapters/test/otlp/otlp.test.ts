import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "@portico/gate"
import { Observability } from "@portico/gate/contracts"
import { GatewayTest, ObservedSignals, observabilityContract } from "@portico/gate/testing"
import { OtlpModule } from "@portico/gate-adapters/otlp"
import { Context, Effect, Layer } from "effect"
import { HttpServerResponse } from "effect/http"
import { logsOf, requestsOf, serviceNamesOf, spansOf, startCollector } from "./collector.ts"

const HelloModule = Gateway.module.define({
  id: "hello",
  displayName: "Hello",
  routes: [
    {
      id: "route:hello",
      scope: "public",
      auth: "public",
      mountPath: "/hello",
      handle: Effect.as(Effect.withSpan(Effect.log("greeting"), "greet"), HttpServerResponse.text("hello"))
    }
  ]
})

const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [OtlpModule, HelloModule] })

const trace = "0af7651916cd43dd8448eb211c80319c"
const caller = "b7ad6b7169203331"

/** A product that sends to a collector of its own. */
const observed = (config: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const { received, url } = yield* startCollector
    const gateway = yield* GatewayTest.make(product, { config: { "otlp.url": url, ...config } })
    const { flush } = yield* gateway.get(Observability)
    return { gateway, received, flush }
  })

const underTest = Layer.effectContext(
  Effect.gen(function* () {
    const { gateway, received } = yield* observed()
    return Context.make(Observability, yield* gateway.get(Observability)).pipe(
      Context.add(ObservedSignals, {
        spans: Effect.sync(() => spansOf(received)),
        logs: Effect.sync(() => logsOf(received)),
        requests: Effect.sync(() => requestsOf(received))
      })
    )
  })
)

describe("Observability by OTLP", () => {
  for (const { check, name } of observabilityContract(underTest)) it.effect(name, () => check)

  it.effect(
    "sends a product's spans, log lines and measures, under the name that was set, with the headers that were set",
    () =>
      Effect.gen(function* () {
        const { flush, gateway, received } = yield* observed({
          "otlp.serviceName": "shop",
          "otlp.headers": "Authorization=Bearer%20abc, x-team=a%2Cb"
        })
        yield* gateway.request("/hello", { headers: { traceparent: `00-${trace}-${caller}-01` } })
        yield* flush
        const spans = new Map(spansOf(received).map((span) => [span.name, span]))
        const request = spans.get("GET /hello")
        expect(request).toMatchObject({ traceId: trace, parentSpanId: caller })
        expect(spans.get("greet")).toMatchObject({
          traceId: trace,
          parentSpanId: request?.spanId,
          attributes: { "portico.module": "hello" }
        })
        expect(logsOf(received).find(({ message }) => message === "greeting")).toMatchObject({
          traceId: trace,
          spanId: spans.get("greet")?.spanId,
          annotations: { module: "hello" }
        })
        expect(requestsOf(received)).toContainEqual({ route: "/hello", status: 200, count: expect.any(Number) })
        expect([...serviceNamesOf(received)]).toEqual(["shop"])
        expect(new Set(received.map(({ path }) => path))).toEqual(new Set(["/v1/traces", "/v1/logs", "/v1/metrics"]))
        for (const { headers } of received) {
          expect(headers).toMatchObject({ authorization: "Bearer abc", "x-team": "a,b" })
        }
      })
  )

  it.effect("sends how the product started, beginning before there was anybody to send it", () =>
    Effect.gen(function* () {
      const { flush, received } = yield* observed()
      yield* flush
      const spans = spansOf(received)
      const start = spans.find(({ name }) => name === "portico.start")
      expect(start?.parentSpanId).toBeUndefined()
      const modules = spans.filter(({ name }) => name === "portico.start.module")
      expect(modules.map(({ attributes }) => attributes["portico.module"]).sort()).toEqual(["hello", "otlp"])
      expect(new Set(modules.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([start?.spanId]))
      const layer = spans.find(({ name }) => name === "portico.start.layer")
      expect(modules.map(({ spanId }) => spanId)).toContain(layer?.parentSpanId)
    })
  )

  it.effect("sends what is left when the product stops", () =>
    Effect.gen(function* () {
      const { received, url } = yield* startCollector
      yield* Effect.scoped(
        Effect.gen(function* () {
          const gateway = yield* GatewayTest.make(product, { config: { "otlp.url": url } })
          yield* gateway.request("/hello")
        })
      )
      expect(spansOf(received).map(({ name }) => name)).toContain("GET /hello")
    })
  )

  it.effect("with sampling 0 sends no trace that begins here, and still the ones that a caller samples", () =>
    Effect.gen(function* () {
      const { flush, gateway, received } = yield* observed({ "otlp.sampling": 0 })
      yield* gateway.request("/hello")
      yield* flush
      expect(spansOf(received)).toEqual([])
      yield* gateway.request("/hello", { headers: { traceparent: `00-${trace}-${caller}-01` } })
      yield* flush
      expect(spansOf(received).map(({ traceId }) => traceId)).toEqual([trace, trace])
    })
  )

  it.effect("is off without a URL", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(product)
      expect((yield* gateway.get(Observability)).signals).toBeUndefined()
      expect((yield* gateway.request("/hello")).text).toBe("hello")
    })
  )

  it.live("leaves the product to run, and to stop in time, where nobody takes what it sends", () =>
    Effect.gen(function* () {
      const { url } = yield* Effect.scoped(startCollector)
      const gateway = yield* GatewayTest.make(product, { config: { "otlp.url": url } })
      expect((yield* gateway.request("/hello")).status).toBe(200)
      expect((yield* gateway.request("/readyz")).status).toBe(200)
      yield* gateway.instance.stop
      expect(gateway.log.filter(({ level }) => level === "Warn" || level === "Error")).toEqual([])
    })
  )

  it.effect("with headers that cannot be read is degraded, and says which one without its value", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(product, {
        config: { "otlp.url": "http://127.0.0.1:9", "otlp.headers": "a=b,s3cr3t" }
      })
      const states = yield* gateway.states
      const otlp = states.find(({ id }) => id === "otlp")
      expect(otlp).toMatchObject({ status: "degraded", reason: expect.stringContaining("Header 2") })
      expect(JSON.stringify([states, gateway.log])).not.toContain("s3cr3t")
      expect((yield* gateway.request("/hello")).status).toBe(200)
    })
  )

  it.effect("refuses a URL that is none", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(GatewayTest.make(product, { config: { "otlp.url": "localhost:4318" } }))
      expect(String(error)).toContain("otlp.url")
    })
  )
})
