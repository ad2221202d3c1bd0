import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Feature } from "../../Feature.ts"
import type { PlannedRoute } from "../../Plan.ts"
import { type AuthMode, internalPrefix, type MountPath, type Route, type RouteScope } from "../../Route.ts"
import { type DocumentedRoute, openApiDocument } from "../openapi/document.ts"
import { serveFixed } from "./compressed.ts"
import { docsHeaders, docsPage } from "./docs.ts"
import type { Inside } from "./inside.ts"
import { metricsText } from "./metrics.ts"
import { readiness } from "./readiness.ts"

/** Id of the framework where a module's would stand. */
export const frameworkId = "gate"

type Handle = Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, HttpServerRequest.HttpServerRequest>

/** One of the framework's own routes. */
export interface BuiltinRoute extends DocumentedRoute {
  readonly planned: readonly [PlannedRoute]
  readonly handle: Handle
}

const builtin = (scope: RouteScope, auth: AuthMode, path: MountPath, summary: string, handle: Handle): BuiltinRoute => {
  const route: Route = { id: `route:${path}`, scope, mountPath: path, auth, handle, openapi: { summary } }
  return {
    route,
    handle,
    planned: [{ id: route.id, module: frameworkId, scope, auth, method: "GET", path, endpoint: null, handled: true }]
  }
}

const open = (path: MountPath, summary: string, handle: Handle) => builtin("public", "public", path, summary, handle)

const inner = (path: string, summary: string, handle: Handle) =>
  builtin("internal", "required", `${internalPrefix}/${path}`, summary, handle)

const json = (value: () => unknown): Handle => Effect.sync(() => HttpServerResponse.jsonUnsafe(value()))

const metaOf = (inside: Inside): unknown => {
  const { id, name, version } = inside.plan.product
  const features = inside.extensions.service.ref(Feature).current.map(({ value }) => value)
  return { product: id, name, version: version ?? null, protocol: 1, issuer: inside.publicUrl() ?? null, features }
}

const promText = "text/plain; version=0.0.4; charset=utf-8"

/** What every product serves without a module for it. `inside` is looked at when a request comes. */
export const builtinRoutes = (inside: () => Inside): ReadonlyArray<BuiltinRoute> => {
  const document = (scope: RouteScope) => openApiDocument(inside().plan, scope, routes, inside().publicUrl())
  const etag = (name: string) => () => `${name}-${inside().plan.hash.slice(0, 16)}`
  const openApi = (scope: RouteScope): Handle =>
    serveFixed({
      type: "application/json",
      etag: etag(scope),
      text: Effect.sync(() => JSON.stringify(document(scope)))
    })
  const docs = serveFixed({
    type: "text/html; charset=utf-8",
    etag: etag("docs"),
    headers: docsHeaders,
    text: Effect.suspend(() => docsPage(document("public")))
  })
  const routes: ReadonlyArray<BuiltinRoute> = [
    open(
      "/healthz",
      "Whether the process is alive.",
      json(() => ({ status: "live" }))
    ),
    open(
      "/readyz",
      "Whether it should get traffic, with a reason per module.",
      Effect.suspend(() => Effect.map(readiness(inside()), (body) => HttpServerResponse.jsonUnsafe(body)))
    ),
    open(
      "/meta",
      "What this instance is.",
      json(() => metaOf(inside()))
    ),
    open("/openapi.json", "This document.", openApi("public")),
    open("/docs", "The API reference, as a page.", docs),
    inner(
      "plan",
      "How this product was planned.",
      json(() => inside().plan)
    ),
    inner(
      "modules",
      "The state of each module.",
      json(() => ({ modules: inside().board.all() }))
    ),
    inner(
      "routes",
      "Every route and who serves it.",
      json(() => ({ routes: inside().plan.routes }))
    ),
    inner(
      "config",
      "Every setting, its source and owner; secrets masked.",
      json(() => ({ settings: inside().plan.settings }))
    ),
    inner(
      "metrics",
      "Prometheus metrics.",
      Effect.suspend(() =>
        Effect.map(metricsText(inside()), (text) => HttpServerResponse.text(text, { contentType: promText }))
      )
    ),
    inner("openapi.json", "The internal routes as an OpenAPI document.", openApi("internal"))
  ]
  return routes
}
