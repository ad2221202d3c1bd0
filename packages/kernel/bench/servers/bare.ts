// The baselines: a bare effect/http route that echoes its JSON body, and one that answers a GET with JSON. Prints its URL.
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"

const echo = HttpRouter.add(
  "POST",
  "/api/call",
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
    Effect.map(request.json, (body) => HttpServerResponse.jsonUnsafe(body))
  )
)

const node = { id: "0", path: "/", slug: "n", class: "c", props: { name: "Node" }, rev: 1, createdAt: 0, updatedAt: 0 }
const get = HttpRouter.add(
  "GET",
  "/api/nodes/*",
  Effect.sync(() => HttpServerResponse.jsonUnsafe(node))
)

const announce = Layer.effectDiscard(
  HttpServer.HttpServer.useSync((server) => console.log(HttpServer.formatAddress(server.address)))
)

HttpRouter.serve(Layer.mergeAll(echo, get, announce), { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
  Layer.launch,
  Effect.runFork
)
