import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Authenticator, type Caller, CurrentCaller, GateError, Gateway } from "../../src/index.ts"

class OutOfStock extends Schema.TaggedError<OutOfStock>()(
  "OutOfStock",
  { message: Schema.String, left: Schema.Int },
  { httpApiStatus: 409 }
) {}

const Item = Schema.Struct({ id: Schema.Int, name: Schema.NonEmptyString })

export const ShopApi = HttpApi.make("shop").add(
  HttpApiGroup.make("items")
    .add(
      HttpApiEndpoint.get("read", "/items/:id", {
        params: { id: Schema.FiniteFromString },
        query: { lang: Schema.optionalKey(Schema.String) },
        success: Item
      })
    )
    .add(HttpApiEndpoint.post("add", "/items", { payload: Item, success: Item, error: OutOfStock }))
    .add(HttpApiEndpoint.get("mine", "/mine", { success: Schema.Struct({ caller: Schema.String }) }))
    .annotate(...Gateway.auth("public"))
)

const whoami = CurrentCaller.useSync(({ caller }) =>
  Option.match(caller, { onNone: () => "nobody", onSome: ({ name }) => name })
)

const ShopHandlers = HttpApiBuilder.group(ShopApi, "items", (handlers) =>
  handlers
    .handle("read", ({ params, query }) => Effect.succeed({ id: params.id, name: query.lang ?? "en" }))
    .handle("add", ({ payload }) =>
      payload.id === 0 ? Effect.fail(new OutOfStock({ message: "none left", left: 0 })) : Effect.succeed(payload)
    )
    .handle("mine", () => Effect.map(whoami, (caller) => ({ caller })))
)

const echo = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
  Effect.map(request.json, (body) => HttpServerResponse.jsonUnsafe(body))
)

const who = Effect.map(whoami, (caller) => HttpServerResponse.jsonUnsafe({ caller }))

/** A product with a route of every kind. */
export const ShopModule = Gateway.module.define({
  id: "shop",
  displayName: "Shop",
  routes: [
    { id: "route:shop", scope: "public", mountPath: "/shop", api: ShopApi, handlers: ShopHandlers },
    { id: "route:echo", scope: "public", mountPath: "/echo", method: "POST", auth: "public", handle: echo },
    {
      id: "route:open",
      scope: "public",
      cors: "any",
      mountPath: "/open",
      method: "POST",
      auth: "public",
      handle: echo
    },
    { id: "route:optional", scope: "public", mountPath: "/optional", auth: "optional", handle: who },
    { id: "route:required", scope: "public", mountPath: "/required", handle: who },
    { id: "route:files", scope: "public", mountPath: "/files/*", auth: "public", handle: who },
    { id: "route:later", scope: "public", mountPath: "/later", auth: "public" },
    { id: "route:admin", scope: "internal", mountPath: "/gateway/v1/internal/shop", handle: who },
    {
      id: "route:broken",
      scope: "public",
      mountPath: "/broken",
      auth: "public",
      handle: Effect.die(new Error("password=hunter2"))
    },
    {
      id: "route:odd",
      scope: "public",
      mountPath: "/odd",
      auth: "public",
      // A failure of another package: it has a code and a status, and that is all that counts.
      handle: Effect.fail({ code: "REV_CONFLICT", status: 409, message: "It was changed.", details: { rev: 2 } })
    },
    {
      id: "route:oauth",
      scope: "public",
      mountPath: "/oauth",
      auth: "public",
      handle: Effect.sync(() => HttpServerResponse.jsonUnsafe({ error: "invalid_grant" }, { status: 400 }))
    },
    {
      id: "route:page",
      scope: "public",
      mountPath: "/page",
      auth: "public",
      handle: Effect.sync(() =>
        HttpServerResponse.text("<p>no</p>", { status: 403, contentType: "text/html; charset=utf-8" })
      )
    }
  ]
})

const callers: Readonly<Record<string, Caller>> = {
  ada: { id: "1", kind: "User", name: "Ada", operator: false, credential: { kind: "test" } },
  root: { id: "2", kind: "User", name: "Root", operator: true, credential: { kind: "test" } }
}

/** Knows the tokens `ada` (a user) and `root` (an operator). */
export const AuthModule = Gateway.module.define({
  id: "auth",
  displayName: "Auth",
  provides: [Authenticator],
  layer: Layer.succeed(Authenticator, {
    authenticate: (request) => {
      const token = request.headers.authorization?.replace(/^Bearer /, "")
      if (token === undefined) return Effect.succeedNone
      const caller = callers[token]
      return caller === undefined
        ? Effect.fail(GateError.make("UNAUTHENTICATED", "This token is not known."))
        : Effect.succeedSome(caller)
    },
    challenge: 'Bearer realm="shop"'
  })
})

export const shop = Gateway.make({
  identity: { id: "shop", name: "Shop", version: "1.2.3", description: "A shop." },
  modules: [AuthModule, ShopModule]
})
