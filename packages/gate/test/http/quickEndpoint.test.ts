import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { CurrentCaller } from "../../src/contracts/Caller.ts"
import { GateError, Gateway } from "../../src/index.ts"
import { type BuiltEndpoint, quickEndpoint } from "../../src/internal/http/quickEndpoint.ts"
import { GatewayTest } from "../../src/testing.ts"

class Order extends Schema.Class<Order>("Order")({ path: Schema.String, depth: Schema.Int }) {}
class Taken extends Schema.TaggedError<Taken>()("Taken", { by: Schema.String }, { httpApiStatus: 409 }) {}
class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}

/** Takes a turn of the event loop, so it cannot be decoded at once. */
const Slow = Schema.String.pipe(
  Schema.decodeTo(
    Schema.String,
    SchemaTransformation.transformEffect({
      decode: (text: string) => Effect.as(Effect.yieldNow, text.toUpperCase()),
      encode: (text: string) => Effect.as(Effect.yieldNow, text.toLowerCase())
    })
  )
)

const all = HttpApiGroup.make("all").add(
  HttpApiEndpoint.get("list", "/list", { success: Schema.Array(Schema.String) }),
  HttpApiEndpoint.get("one", "/items/:id", {
    params: { id: Schema.FiniteFromString },
    query: { limit: Schema.optional(Schema.FiniteFromString), tags: Schema.optional(Schema.Array(Schema.String)) },
    headers: { "x-tenant": Schema.optional(Schema.String) },
    success: Schema.Unknown
  }),
  HttpApiEndpoint.post("order", "/orders", { payload: Order, success: Order.pipe(HttpApiSchema.status(201)) }),
  HttpApiEndpoint.post("either", "/either", {
    payload: [Schema.Struct({ a: Schema.Int }), Schema.Struct({ b: Schema.Date })],
    success: Schema.Struct({ at: Schema.Date, big: Schema.BigInt })
  }),
  HttpApiEndpoint.post("slow", "/slow", { payload: Slow, success: Slow }),
  HttpApiEndpoint.post("fail", "/fail", { payload: Schema.String, success: Schema.String, error: Taken }),
  HttpApiEndpoint.get("response", "/response", { success: Schema.String }),
  HttpApiEndpoint.get("unfit", "/unfit", { success: Schema.Int }),
  HttpApiEndpoint.get("nothing", "/nothing", { success: Schema.UndefinedOr(Schema.String) }),
  HttpApiEndpoint.get("cyclic", "/cyclic", { success: Schema.Unknown }),
  HttpApiEndpoint.get("context", "/context", { success: Schema.Unknown }),
  HttpApiEndpoint.get("text", "/text", { success: Schema.String.pipe(HttpApiSchema.asText()) })
)
const plain = HttpApi.make("orders")
  .add(all)
  .annotate(...Gateway.auth("public"))
/** The same, read and written as by default; that it is said keeps it from the short cut. */
const told = plain.annotate(HttpApi.ParseOptions, {})

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

const handlersOf = (api: typeof plain) =>
  HttpApiBuilder.group(api, "all", (handlers) =>
    handlers
      .handle("list", () => Effect.succeed(["a", "b"]))
      .handle("one", ({ headers, params, query }) =>
        Effect.succeed({ ...params, ...query, tenant: headers["x-tenant"] ?? null })
      )
      .handle("order", ({ payload }) => Effect.succeed(new Order({ ...payload, depth: payload.depth + 1 })))
      .handle("either", ({ payload }) =>
        Effect.succeed({ at: "b" in payload ? payload.b : new Date(payload.a), big: 2n ** 70n })
      )
      .handle("slow", ({ payload }) => Effect.succeed(`${payload}!`))
      .handle("fail", ({ payload }) => {
        if (payload === "taken") return Effect.fail(new Taken({ by: "somebody" }))
        if (payload === "die") return Effect.die(new Error("hidden"))
        if (payload === "throw") throw new Error("hidden")
        if (payload === "interrupt") return Effect.interrupt
        // What is not declared may still be failed with where types are left behind.
        if (payload === "gate") return Effect.fail(GateError.make("RATE_LIMITED") as never)
        return payload === "odd" ? Effect.fail({ odd: true } as never) : Effect.as(Effect.yieldNow, payload)
      })
      .handle("response", () =>
        Effect.succeed(HttpServerResponse.text("own", { status: 202, headers: { "x-own": "1" } }) as never)
      )
      .handle("unfit", () => Effect.succeed(1.5))
      .handle("nothing", () => Effect.succeed(undefined))
      .handle("cyclic", () => Effect.succeed(cyclic))
      .handle("text", () => Effect.succeed("words"))
      .handle("context", () =>
        Effect.gen(function* () {
          const { caller } = yield* CurrentCaller
          const request = yield* HttpServerRequest.HttpServerRequest
          const { params } = yield* HttpRouter.RouteContext
          return { greeting: yield* Greeting, caller: Option.isSome(caller), url: request.url.slice(-8), params }
        })
      )
  )

const product = Gateway.make({
  identity: { id: "shop", name: "Shop" },
  modules: [
    Gateway.module.define({
      id: "greeting",
      displayName: "Greeting",
      provides: [Greeting],
      layer: Layer.succeed(Greeting, "hello")
    }),
    Gateway.module.define({
      id: "orders",
      displayName: "Orders",
      requires: [Greeting],
      routes: [
        { id: "plain", scope: "public", mountPath: "/plain", api: plain, handlers: handlersOf(plain) },
        { id: "told", scope: "public", mountPath: "/told", api: told, handlers: handlersOf(told) }
      ]
    })
  ]
})

const post = (body: string, type: string | undefined = "application/json"): RequestInit => ({
  method: "POST",
  // Of text, `fetch` would say that it is text.
  body: new TextEncoder().encode(body),
  headers: type === undefined ? {} : { "content-type": type }
})

const requests: ReadonlyArray<readonly [path: string, init?: RequestInit]> = [
  ["/list"],
  ["/list", { method: "HEAD" }],
  ["/list?unknown=1"],
  ["/items/7"],
  ["/items/7?limit=3&tags=a&tags=b", { headers: { "x-tenant": "t" } }],
  ["/items/7?tags=a"],
  ["/items/seven"],
  ["/items/7?limit=many"],
  ["/orders", post('{"path":"/a","depth":1}')],
  ["/orders", post('{"path":"/a","depth":1,"more":true}')],
  ["/orders", post('{"path":"/a","depth":1}', undefined)],
  ["/orders", post('{"path":"/a","depth":1}', "Application/JSON; charset=utf-8")],
  ["/orders", post('{"path":"/a","depth":1}', "text/plain")],
  ["/orders", post('\ufeff{"path":"/a","depth":1}')],
  ["/orders", post('{"path":"/a","depth":1.5}')],
  ["/orders", post('{"path":3}')],
  ["/orders", post("null")],
  ["/orders", post("")],
  ["/orders", post("{")],
  ["/orders", post(`{"path":"${"x".repeat(100)}","depth":1}`)],
  ["/either", post('{"a":5}')],
  ["/either", post('{"b":"2026-01-02T03:04:05.000Z"}')],
  ["/either", post('{"c":1}')],
  ["/slow", post('"abc"')],
  ["/slow", post("1")],
  ...["taken", "die", "throw", "interrupt", "gate", "odd", "fine"].map(
    (word) => ["/fail", post(JSON.stringify(word))] as const
  ),
  ["/response"],
  ["/unfit"],
  ["/nothing"],
  ["/cyclic"],
  ["/context"],
  ["/text"]
]

/** What a client sees. */
const answer = (gateway: Effect.Success<ReturnType<typeof GatewayTest.make>>, path: string, init: RequestInit = {}) =>
  Effect.promise(async () => {
    const response = await gateway.fetch(path, { ...init, headers: { ...init.headers, "x-request-id": "same" } })
    return { status: response.status, headers: [...response.headers], text: await response.text() }
  })

describe("the short cut through an endpoint of an api", () => {
  it.effect("answers as effect/http-api does, whatever is asked", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(product)
      const statuses = new Set<number>()
      for (const [path, init] of requests) {
        const expected = yield* answer(gateway, `/told${path}`, init)
        expect({ path, init, ...(yield* answer(gateway, `/plain${path}`, init)) }).toEqual({ path, init, ...expected })
        statuses.add(expected.status)
      }
      // The requests are of all kinds.
      expect([...statuses].sort()).toEqual([200, 201, 202, 400, 409, 415, 500, 503])
    })
  )
})

/** Runs the short cut alone; what it leaves to effect/http-api is answered with 299. */
const alone = (name: keyof typeof all.endpoints, request: Request, params: Record<string, string> = {}) => {
  const quick = quickEndpoint(built(plain as unknown as HttpApi.Top, name))
  if (quick === undefined) return Effect.succeed("none" as const)
  const context = Context.make(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(request)).pipe(
    Context.add(HttpRouter.RouteContext, { params, route: HttpRouter.route("*", "*", Effect.never) }),
    Context.add(HttpServerRequest.ParsedSearchParams, Object.fromEntries(new URL(request.url).searchParams))
  )
  return Effect.map(Effect.provideContext(quick, context as Context.Context<unknown>), ({ status }) => status)
}

const built = (api: HttpApi.Top, name: string): BuiltEndpoint => {
  const group = api.groups.all as unknown as HttpApiGroup.Top
  const endpoint = group.endpoints[name]
  if (endpoint === undefined) throw new Error(`there is no endpoint ${name}`)
  return {
    api,
    group,
    endpoint,
    handler: ({ params, payload }) => Effect.succeed(payload ?? params ?? []),
    services: Context.empty(),
    whole: Effect.succeed(HttpServerResponse.empty({ status: 299 }))
  }
}

const requestOf = (path: string, init?: RequestInit) => new Request(`http://localhost${path}`, init)

describe("the short cut alone", () => {
  it.effect("answers what is as declared", () =>
    Effect.gen(function* () {
      expect(yield* alone("list", requestOf("/list"))).toBe(200)
      expect(yield* alone("one", requestOf("/items/7?limit=3"), { id: "7" })).toBe(200)
      expect(yield* alone("order", requestOf("/orders", post('{"path":"/a","depth":1}')))).toBe(201)
    })
  )

  it.effect("leaves to effect/http-api what is not", () =>
    Effect.gen(function* () {
      expect(yield* alone("one", requestOf("/items/seven"), { id: "seven" })).toBe(299)
      expect(yield* alone("order", requestOf("/orders", post('{"path":1}')))).toBe(299)
      expect(yield* alone("order", requestOf("/orders", post("{")))).toBe(299)
      expect(yield* alone("order", requestOf("/orders", post("{}", "text/plain")))).toBe(299)
      expect(yield* alone("slow", requestOf("/slow", post('"abc"')))).toBe(299)
    })
  )

  const odd = {
    "that gives text": HttpApiEndpoint.get("x", "/x", { success: Schema.String.pipe(HttpApiSchema.asText()) }),
    "that gives nothing": HttpApiEndpoint.get("x", "/x"),
    "that gives one of two": HttpApiEndpoint.get("x", "/x", {
      success: [Schema.String, Schema.Int.pipe(HttpApiSchema.status(202))]
    }),
    "that gives headers": HttpApiEndpoint.get("x", "/x", {
      success: HttpApiSchema.WithHeaders(Schema.String, Schema.Struct({ "x-a": Schema.String }))
    }),
    "that gives a stream": HttpApiEndpoint.get("x", "/x", { success: HttpApiSchema.StreamUint8Array() }),
    "that takes a form": HttpApiEndpoint.post("x", "/x", {
      payload: Schema.Struct({ a: Schema.String }).pipe(HttpApiSchema.asFormUrlEncoded()),
      success: Schema.String
    }),
    "that takes text or JSON": HttpApiEndpoint.post("x", "/x", {
      payload: [Schema.String.pipe(HttpApiSchema.asText()), Schema.Struct({ a: Schema.String })],
      success: Schema.String
    }),
    "that reads strictly": HttpApiEndpoint.post("x", "/x", {
      payload: Schema.Struct({ a: Schema.String }),
      success: Schema.String
    }).annotate(HttpApi.PayloadParseOptions, { onExcessProperty: "error" })
  }
  it.each(Object.entries(odd))("is none for an endpoint %s", (_, endpoint) => {
    // An endpoint of any kind.
    const api = HttpApi.make("odd").add(HttpApiGroup.make("all").add(endpoint as unknown as HttpApiEndpoint.Top))
    expect(quickEndpoint(built(api as unknown as HttpApi.Top, "x"))).toBeUndefined()
  })
})
