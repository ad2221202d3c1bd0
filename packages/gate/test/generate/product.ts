import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Feature, Gateway, SdkMetadata } from "../../src/index.ts"
import { AuthModule, ShopModule } from "../http/product.ts"

/** What a request asked for, as the server saw it. */
const seen = Effect.map(HttpServerRequest.HttpServerRequest, ({ headers, method, url }) =>
  HttpServerResponse.jsonUnsafe({ method, url, tag: headers["if-none-match"] ?? null })
)

const json = (schema: object) => ({ "application/json": { schema } })
const seenSchema = { type: "object", required: ["method", "url"], properties: { method: { type: "string" }, url: {} } }

/** Routes that are hard on a generator of clients. */
const OddModule = Gateway.module.define({
  id: "odd",
  displayName: "Odd",
  contributes: [
    Feature.of("odd-things"),
    Feature.effect(Effect.succeed("known-at-start")),
    SdkMetadata.of({ name: "max-batch", value: 1000 }),
    SdkMetadata.of({ name: "channels", value: ["a", "b"] })
  ],
  routes: [
    {
      id: "route:seen",
      scope: "public",
      auth: "public",
      mountPath: "/seen/:na_me/*",
      description: "Ends no comment: */ `$1`",
      openapi: {
        operationId: "then",
        parameters: [
          { name: "tag", in: "query", schema: { type: "array", items: { type: "string" } } },
          { name: "if-none-match", in: "header", schema: { type: "string" } }
        ],
        responses: { 200: { description: "Seen.", content: json(seenSchema) }, 304: { description: "The same." } }
      },
      handle: seen
    },
    {
      id: "route:text",
      scope: "public",
      auth: "public",
      method: "POST",
      mountPath: "/text",
      openapi: {
        operationId: "call-options",
        deprecated: true,
        requestBody: { required: true, content: { "text/plain": { schema: { type: "string" } } } },
        responses: { 200: { description: "The same.", content: { "text/plain": { schema: { type: "string" } } } } }
      },
      handle: Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
        Effect.map(request.text, (text) => HttpServerResponse.text(text))
      )
    },
    {
      id: "route:broken-json",
      scope: "public",
      auth: "public",
      mountPath: "/broken-json",
      openapi: { operationId: "call.options" },
      handle: Effect.sync(() => HttpServerResponse.text("{", { contentType: "application/json" }))
    },
    {
      id: "route:never",
      scope: "public",
      auth: "public",
      mountPath: "/never",
      openapi: { operationId: "never" },
      handle: Effect.never
    }
  ]
})

const identity = { id: "shop", name: "Shop", version: "1.2.3", description: "A shop." }

export const oddShop = Gateway.make({ identity, modules: [AuthModule, ShopModule, OddModule] })

/** The same product, its modules listed the other way round. */
export const oddShopReversed = Gateway.make({ identity, modules: [OddModule, ShopModule, AuthModule] })
