import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { HttpServerResponse } from "effect/http"
import { Gateway, Observability } from "../../src/index.ts"
import { FakeObservability, GatewayTest } from "../../src/testing.ts"

class Notes extends Context.Service<Notes, { readonly add: Effect.Effect<void> }>()("test/Notes") {}

const NotesModule = Gateway.module.define({
  id: "notes",
  displayName: "Notes",
  provides: [Notes],
  layer: Layer.effect(
    Notes,
    Effect.as(Effect.withSpan(Effect.log("opening"), "notes.open"), {
      add: Effect.withSpan(Effect.log("adding"), "notes.add")
    })
  )
})

const route = (
  path: `/${string}`,
  handle: Effect.Effect<HttpServerResponse.HttpServerResponse, Error | { code: string; status: number }, Notes>
) => ({ id: `route:${path}`, scope: "public", auth: "public", mountPath: path, handle }) as const

const WebModule = Gateway.module.define({
  id: "web",
  displayName: "Web",
  requires: [Notes],
  routes: [
    route(
      "/add/:id",
      Effect.as(
        Effect.flatMap(Notes, ({ add }) => add),
        HttpServerResponse.text("added")
      )
    ),
    route(
      "/span",
      Effect.map(Effect.option(Effect.currentParentSpan), (span) => HttpServerResponse.text(span._tag))
    ),
    route("/broken", Effect.fail(new Error("wires crossed"))),
    route("/refused", Effect.fail({ code: "PATH_CONFLICT", status: 409, message: "taken" }))
  ]
})

const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [NotesModule, WebModule] })

const trace = "0af7651916cd43dd8448eb211c80319c"
const caller = "b7ad6b7169203331"

const observedProduct = Effect.gen(function* () {
  const { observed, service } = FakeObservability.make()
  const gateway = yield* GatewayTest.make(product, { fakes: [Layer.succeed(Observability, service)] })
  const spans = Effect.map(observed.spans, (all) => new Map(all.map((span) => [span.name, span])))
  return { gateway, observed, spans }
})

describe("a product that somebody observes", () => {
  it.effect("has a span for each request, with the route and not the path in its name, and the answer's status", () =>
    Effect.gen(function* () {
      const { gateway, spans } = yield* observedProduct
      const { headers } = yield* gateway.request("/add/7?secret=1")
      const span = (yield* spans).get("GET /add/:id")
      expect(span).toMatchObject({ parentSpanId: undefined, failed: false })
      expect(span?.attributes).toEqual({
        "http.request.method": "GET",
        "http.route": "/add/:id",
        "http.response.status_code": 200,
        "portico.module": "web",
        "portico.route": "route:/add/:id",
        "portico.request_id": headers["x-request-id"]
      })
    })
  )

  it.effect("goes on with the caller's trace, through the handler and what it uses", () =>
    Effect.gen(function* () {
      const { gateway, spans } = yield* observedProduct
      yield* gateway.request("/add/7", { headers: { traceparent: `00-${trace}-${caller}-01` } })
      const seen = yield* spans
      const request = seen.get("GET /add/:id")
      expect(request).toMatchObject({ traceId: trace, parentSpanId: caller })
      expect(seen.get("notes.add")).toMatchObject({ traceId: trace, parentSpanId: request?.spanId })
    })
  )

  it.effect("records nothing of a trace that the caller does not sample", () =>
    Effect.gen(function* () {
      const { gateway, spans } = yield* observedProduct
      yield* gateway.request("/add/7", { headers: { traceparent: `00-${trace}-${caller}-00` } })
      expect([...(yield* spans).keys()]).not.toContain("GET /add/:id")
      expect([...(yield* spans).keys()]).not.toContain("notes.add")
    })
  )

  it.effect("begins a trace of its own where the header is malformed", () =>
    Effect.gen(function* () {
      const { gateway, spans } = yield* observedProduct
      yield* gateway.request("/add/7", { headers: { traceparent: `00-${"0".repeat(32)}-${caller}-01` } })
      expect((yield* spans).get("GET /add/:id")).toMatchObject({ parentSpanId: undefined })
    })
  )

  it.effect("calls a request failed where the server is to blame, and not where it refuses", () =>
    Effect.gen(function* () {
      const { gateway, spans } = yield* observedProduct
      expect((yield* gateway.request("/span")).text).toBe("Some")
      yield* gateway.request("/broken")
      yield* gateway.request("/refused")
      const seen = yield* spans
      expect(seen.get("GET /broken")?.failed).toBe(true)
      expect(seen.get("GET /refused")?.failed).toBe(false)
    })
  )

  it.effect("hands on log lines with their module and their request's span, beside its own log", () =>
    Effect.gen(function* () {
      const { gateway, observed, spans } = yield* observedProduct
      yield* gateway.request("/add/7")
      const lines = yield* observed.logs
      const add = (yield* spans).get("notes.add")
      expect(lines.find(({ message }) => message === "adding")).toMatchObject({
        annotations: { module: "web" },
        spanId: add?.spanId
      })
      expect(gateway.log.map(({ message }) => message)).toContain("adding")
    })
  )

  it.effect("counts what was answered by route and status, and leaves its own pages out", () =>
    Effect.gen(function* () {
      const { gateway, observed, spans } = yield* observedProduct
      yield* gateway.request("/add/7")
      yield* gateway.request("/add/8")
      yield* gateway.request("/refused")
      yield* gateway.request("/healthz")
      expect(yield* observed.requests).toEqual([
        { route: "/add/:id", status: 200, count: 2 },
        { route: "/refused", status: 409, count: 1 }
      ])
      expect([...(yield* spans).keys()].join(" ")).not.toContain("healthz")
    })
  )
})

describe("a product that nobody observes", () => {
  it.effect("marks its log lines with the module that they are about all the same", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(product)
      const opening = gateway.log.find(({ message }) => message === "opening")
      expect(opening?.annotations).toEqual({ module: "notes" })
    })
  )

  it.effect("makes no spans for requests where a provider is there and off", () =>
    Effect.gen(function* () {
      const off = Layer.succeed(Observability, { signals: undefined, flush: Effect.void })
      const gateway = yield* GatewayTest.make(product, { fakes: [off] })
      expect((yield* gateway.request("/span")).text).toBe("None")
    })
  )
})
