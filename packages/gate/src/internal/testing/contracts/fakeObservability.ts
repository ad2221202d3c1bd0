import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { Observability, type ObservabilityService } from "../../../contracts/Observability.ts"
import { type ObservedLog, type ObservedRequests, ObservedSignals, type ObservedSpan } from "./ObservedSignals.ts"

const observedSpan = (span: Tracer.Span, exit: Exit.Exit<unknown, unknown>): ObservedSpan => ({
  name: span.name,
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: Option.getOrUndefined(span.parent)?.spanId,
  attributes: Object.fromEntries(span.attributes),
  failed: Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)
})

const makeFakeObservability = (): {
  readonly service: ObservabilityService
  readonly observed: ObservedSignals["Service"]
} => {
  const spans: Array<ObservedSpan> = []
  const logs: Array<ObservedLog> = []
  const requests = new Map<string, ObservedRequests>()
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      const end = span.end.bind(span)
      span.end = (time, exit) => {
        if (span.sampled && span.status._tag !== "Ended") spans.push(observedSpan(span, exit))
        end(time, exit)
      }
      return span
    }
  })
  const logger = Logger.make<unknown, void>(({ fiber, logLevel, message }) => {
    const span = Context.getOrUndefined(fiber.context, Tracer.ParentSpan)
    logs.push({
      level: logLevel,
      message: String(message),
      annotations: { ...fiber.getRef(References.CurrentLogAnnotations) },
      traceId: span?.traceId,
      spanId: span?.spanId
    })
  })
  const request: NonNullable<ObservabilityService["signals"]>["request"] = ({ route, status }) => {
    const key = `${status} ${route}`
    requests.set(key, { route, status, count: (requests.get(key)?.count ?? 0) + 1 })
  }
  return {
    service: { signals: { tracer, logger, request }, flush: Effect.void },
    observed: {
      spans: Effect.sync(() => [...spans]),
      logs: Effect.sync(() => [...logs]),
      requests: Effect.sync(() => [...requests.values()])
    }
  }
}

const fakeObservabilityLayer: Layer.Layer<Observability | ObservedSignals> = Layer.effectContext(
  Effect.sync(() => {
    const { observed, service } = makeFakeObservability()
    return Context.make(Observability, service).pipe(Context.add(ObservedSignals, observed))
  })
)

export const FakeObservability = {
  /**
   * An `Observability` that keeps everything in memory, and a view of what it kept.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict"
   * import { Gateway } from "@portico/gate"
   * import { Observability } from "@portico/gate/contracts"
   * import { FakeObservability, GatewayTest } from "@portico/gate/testing"
   * import * as Effect from "effect/Effect"
   * import * as HttpServerResponse from "effect/http/HttpServerResponse"
   * import * as Layer from "effect/Layer"
   *
   * const handle = Effect.as(Effect.withSpan(Effect.log("hello"), "greet"), HttpServerResponse.text("hello"))
   * const Hello = Gateway.module.define({
   *   id: "hello",
   *   displayName: "Hello",
   *   routes: [{ id: "route:hello", scope: "public", auth: "public", mountPath: "/hello", handle }]
   * })
   * const product = Gateway.make({ identity: { id: "example", name: "Example" }, modules: [Hello] })
   *
   * const test = Effect.gen(function* () {
   *   const { observed, service } = FakeObservability.make()
   *   const gateway = yield* GatewayTest.make(product, { fakes: [Layer.succeed(Observability, service)] })
   *   yield* gateway.request("/hello")
   *   // How the product started is in spans, too.
   *   const spans = (yield* observed.spans).filter(({ name }) => !name.startsWith("portico.start"))
   *   assert.deepEqual(spans.map(({ name }) => name), ["greet", "GET /hello"])
   *   assert.equal(spans[0]?.parentSpanId, spans[1]?.spanId)
   * })
   * await Effect.runPromise(Effect.scoped(test))
   * ```
   */
  make: makeFakeObservability,
  /** The same as a layer, for the contract's suite. */
  layer: fakeObservabilityLayer
} as const
