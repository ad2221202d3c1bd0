import * as Context from "effect/Context"
import * as HttpApi from "effect/http-api/HttpApi"
import type { Diagnostic } from "../../Diagnostic.ts"
import type { Module } from "../../Module.ts"
import type { PlannedRoute } from "../../Plan.ts"
import { type AuthMode, apiOf, type Route, RouteAuth } from "../../Route.ts"
import { joinPaths } from "./pattern.ts"
import { report } from "./report.ts"

/** A declared route with the methods and paths that it comes to. */
export interface ExpandedRoute {
  readonly module: Module.Any
  readonly route: Route
  readonly planned: ReadonlyArray<PlannedRoute>
}

/** What a route comes to: itself, or each endpoint of its api in the order of declaration. */
const expandRoute = (module: Module.Any, route: Route): ReadonlyArray<PlannedRoute> => {
  const common = {
    id: route.id,
    module: module.id,
    scope: route.scope,
    ...(route.cors === undefined ? undefined : { cors: route.cors })
  }
  if (route.api === undefined) {
    return [
      {
        ...common,
        auth: route.auth ?? "required",
        method: route.method ?? "GET",
        path: route.mountPath,
        endpoint: null,
        handled: route.handle !== undefined
      }
    ]
  }
  const planned: Array<PlannedRoute> = []
  const api = apiOf(route)
  HttpApi.reflect(api, {
    // All that is asked for is known here; what `reflect` works out for the others is many times the work.
    predicate: ({ endpoint, group }) => {
      planned.push({
        ...common,
        auth: statedAuth(endpoint) ?? statedAuth(group) ?? statedAuth(api) ?? route.auth ?? "required",
        method: endpoint.method,
        path: joinPaths(route.mountPath, endpoint.path),
        endpoint: `${group.identifier}.${endpoint.identifier}`,
        handled: route.handlers !== undefined
      })
      return false
    },
    onGroup: () => {},
    onEndpoint: () => {}
  })
  return planned
}

const statedAuth = (annotated: { readonly annotations: Context.Context<never> }): AuthMode | undefined =>
  Context.getOrUndefined(annotated.annotations, RouteAuth)

export const expandRoutes = (modules: ReadonlyArray<Module.Any>): ReadonlyArray<ExpandedRoute> =>
  modules.flatMap((module) => module.routes.map((route) => ({ module, route, planned: expandRoute(module, route) })))

/** How messages call a route. */
export const routeName = (route: Pick<PlannedRoute, "method" | "path">): string => `${route.method} ${route.path}`

/** GATE013. */
export const checkHandlers = (expanded: ReadonlyArray<ExpandedRoute>): ReadonlyArray<Diagnostic> =>
  expanded
    .filter(({ route }) => route.handle === undefined && route.handlers === undefined)
    .map(({ module, route }) =>
      report(
        "GATE013",
        "unhandled",
        { route: `route "${route.id}" (${route.mountPath})`, module: module.id },
        { modules: [module] }
      )
    )
