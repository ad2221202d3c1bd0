import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import type { CurrentCaller } from "../../contracts/Caller.ts"
import { Feature } from "../../Feature.ts"
import { GateError } from "../../GateError.ts"
import type { PlannedRoute } from "../../Plan.ts"
import { internalPrefix, type MountPath, type RouteScope } from "../../Route.ts"
import type { Endpoint } from "../http/Endpoint.ts"
import type { DocumentedRoute } from "../openapi/document.ts"
import type { JsonObject } from "../openapi/json.ts"
import { acceptSocket } from "../socket/acceptSocket.ts"
import * as answers from "./answers.ts"
import { serveFixed } from "./compressed.ts"
import { docsHeaders, docsPage } from "./docs.ts"
import type { Inside } from "./inside.ts"
import { readiness } from "./readiness.ts"

/** Id of the framework where a module's would stand. */
export const frameworkId = "gate"

type Handle = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  unknown,
  HttpServerRequest.HttpServerRequest | HttpRouter.RouteContext | CurrentCaller | Scope.Scope
>

/** One of the framework's own routes. */
export interface BuiltinRoute extends DocumentedRoute {
  readonly planned: readonly [PlannedRoute]
  readonly handle: Handle
  readonly reads?: Endpoint["reads"]
}

interface Declared extends Pick<PlannedRoute, "scope" | "auth" | "method"> {
  readonly path: MountPath
  readonly summary: string
  readonly responses: JsonObject
}

const builtin = ({ auth, method, path, responses, scope, summary }: Declared, handle: Handle): BuiltinRoute => {
  const common = { id: `route:${path}`, scope, auth }
  return {
    route: { ...common, mountPath: path, handle, openapi: { summary, responses } },
    handle,
    planned: [{ ...common, module: frameworkId, method, path, endpoint: null, handled: true }]
  }
}

const open = (path: MountPath, summary: string, responses: JsonObject, handle: Handle) =>
  builtin({ scope: "public", auth: "public", method: "GET", path, summary, responses }, handle)

const inner = (path: string, summary: string, responses: JsonObject, handle: Handle, method = "GET") =>
  builtin(
    { scope: "internal", auth: "required", method, path: `${internalPrefix}/${path}`, summary, responses },
    handle
  )

const json = (value: () => unknown): Handle => Effect.sync(() => HttpServerResponse.jsonUnsafe(value()))

const metaOf = (inside: Inside): unknown => {
  const { id, name, version } = inside.plan.product
  const features = inside.extensions.service.ref(Feature).current.map(({ value }) => value)
  return { product: id, name, version: version ?? null, protocol: 1, issuer: inside.publicUrl() ?? null, features }
}

const socketRoute: Declared = {
  scope: "public",
  auth: "required",
  method: "GET",
  path: "/gateway/v1/socket",
  summary: "The runtime socket: a WebSocket that carries calls and subscriptions.",
  responses: answers.socket
}

const moduleId = Effect.map(HttpRouter.params, (params) => params.id ?? "")

const promText = "text/plain; version=0.0.4; charset=utf-8"

// What few requests need is loaded when the first of them comes, so that a start does not wait for it.
const loadOpenApi = () => import("../openapi/document.ts")
const metrics = (inside: Inside) =>
  Effect.flatMap(
    Effect.promise(() => import("./metrics.ts")),
    ({ metricsText }) => metricsText(inside)
  )

/** What every product serves without a module for it. `inside` is looked at when a request comes. */
export const builtinRoutes = (inside: () => Inside): ReadonlyArray<BuiltinRoute> => {
  const document = (scope: RouteScope) =>
    Effect.map(Effect.promise(loadOpenApi), ({ openApiDocument }) =>
      openApiDocument(inside().plan, scope, routes, inside().publicUrl())
    )
  const etag = (name: string) => () => `${name}-${inside().plan.hash.slice(0, 16)}`
  const openApi = (scope: RouteScope): Handle =>
    serveFixed({
      type: "application/json",
      etag: etag(scope),
      text: Effect.map(document(scope), (value) => JSON.stringify(value))
    })
  const docs = serveFixed({
    type: "text/html; charset=utf-8",
    etag: etag("docs"),
    headers: docsHeaders,
    text: Effect.flatMap(document("public"), docsPage)
  })
  const routes: ReadonlyArray<BuiltinRoute> = [
    open(
      "/healthz",
      "Whether the process is alive.",
      answers.live,
      json(() => ({ status: "live" }))
    ),
    open(
      "/readyz",
      "Whether it should get traffic, with a reason per module.",
      answers.ready,
      Effect.suspend(() => Effect.map(readiness(inside()), (body) => HttpServerResponse.jsonUnsafe(body)))
    ),
    open(
      "/meta",
      "What this instance is.",
      answers.meta,
      json(() => metaOf(inside()))
    ),
    {
      ...builtin(
        socketRoute,
        acceptSocket(() => inside().sockets)
      ),
      reads: (...asked) => inside().sockets.reads(...asked)
    },
    open("/openapi.json", "This document.", answers.document, openApi("public")),
    open("/docs", "The API reference, as a page.", answers.page, docs),
    inner(
      "plan",
      "How this product was planned.",
      answers.plan,
      json(() => inside().plan)
    ),
    inner(
      "modules",
      "The state of each module, and how they came up when the product started.",
      answers.modules,
      json(() => ({ modules: inside().board.all(), start: inside().startTrace }))
    ),
    inner(
      "modules/:id",
      "The state of a module, and what a restart of it takes along.",
      answers.module,
      Effect.flatMap(moduleId, (id) => {
        const state = inside()
          .board.all()
          .find((each) => each.id === id)
        if (state === undefined) return Effect.fail(GateError.make("NOT_FOUND", `There is no module "${id}".`))
        return Effect.succeed(HttpServerResponse.jsonUnsafe({ ...state, blastRadius: inside().blastRadius(id) }))
      })
    ),
    inner(
      "modules/:id/restart",
      "Takes a module and all that depend on it down, and builds them anew.",
      answers.restarted,
      Effect.flatMap(moduleId, (id) =>
        Effect.map(inside().restart(id), (modules) => HttpServerResponse.jsonUnsafe({ modules }))
      ),
      "POST"
    ),
    inner(
      "routes",
      "Every route and who serves it.",
      answers.routes,
      json(() => ({ routes: inside().plan.routes }))
    ),
    inner(
      "config",
      "Every setting, its source and owner; secrets masked.",
      answers.settings,
      json(() => ({ settings: inside().plan.settings }))
    ),
    inner(
      "metrics",
      "Prometheus metrics.",
      answers.metrics,
      Effect.suspend(() =>
        Effect.map(metrics(inside()), (text) => HttpServerResponse.text(text, { contentType: promText }))
      )
    ),
    inner("openapi.json", "The internal routes as an OpenAPI document.", answers.document, openApi("internal"))
  ]
  return routes
}
