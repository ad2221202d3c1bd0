// The product whose routes are measured: `/open` echoes for anybody, `/authed` for whoever the Authenticator knows, and
// `/orders` checks its body against a schema, as an endpoint of an `HttpApi`; `/checked` does so by hand.
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Authenticator, GateError, Gateway } from "../../src/index.ts"
import { jsonBody } from "../../src/jsonBody.ts"

const echo = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
  Effect.map(request.json, (body) => HttpServerResponse.jsonUnsafe(body))
)

const token = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
const known = new Map([
  [token, Effect.succeedSome({ id: "1", kind: "User", name: "a", operator: false, credential: { kind: "api-key" } })]
])
const unknown = Effect.fail(GateError.make("UNAUTHENTICATED"))

const Auth = Gateway.module.define({
  id: "auth",
  displayName: "Auth",
  provides: [Authenticator],
  layer: Layer.succeed(Authenticator, {
    authenticate: (request) => {
      const header = request.headers.authorization
      return header === undefined ? Effect.succeedNone : (known.get(header.slice("Bearer ".length)) ?? unknown)
    }
  })
})

const Order = Schema.Struct({ path: Schema.String, params: Schema.Struct({ depth: Schema.Int }) })

const OrderApi = HttpApi.make("orders").add(
  HttpApiGroup.make("orders")
    .add(HttpApiEndpoint.post("place", "/orders", { payload: Order, success: Order }))
    .annotate(...Gateway.auth("public"))
)

const OrderHandlers = HttpApiBuilder.group(OrderApi, "orders", (handlers) =>
  handlers.handle("place", ({ payload }) => Effect.succeed(payload))
)

const checked = Effect.map(Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Order)), (order) =>
  HttpServerResponse.jsonUnsafe(order)
)

const Echo = Gateway.module.define({
  id: "echo",
  displayName: "Echo",
  routes: [
    { id: "route:orders", scope: "public", mountPath: "/", api: OrderApi, handlers: OrderHandlers },
    { id: "route:checked", scope: "public", mountPath: "/checked", method: "POST", auth: "public", handle: checked },
    { id: "route:open", scope: "public", mountPath: "/open", method: "POST", auth: "public", handle: echo },
    { id: "route:authed", scope: "public", mountPath: "/authed", method: "POST", handle: echo },
    {
      id: "route:strict",
      scope: "public",
      mountPath: "/strict",
      method: "POST",
      handle: Effect.map(jsonBody, (body) => HttpServerResponse.jsonUnsafe(body))
    }
  ]
})

export const product = Gateway.make({ identity: { id: "bench", name: "Bench" }, modules: [Auth, Echo] })
