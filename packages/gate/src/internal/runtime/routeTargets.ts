import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpApi from "effect/http-api/HttpApi"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { PlannedRoute } from "../../Plan.ts"
import type { ApiRoute, Route } from "../../Route.ts"
import type { Target } from "../http/Endpoint.ts"
import type { ModuleCell } from "./ModuleCell.ts"

/** What answers each endpoint of a module, in the order of its endpoints; `undefined` where nothing does. */
export const routeTargets = Effect.fnUntraced(function* (
  cell: ModuleCell,
  services: Context.Context<never>,
  memoMap: Layer.MemoMap,
  scope: Scope.Scope
) {
  const targets: Array<Target | undefined> = []
  for (const { planned, route } of cell.planned.routes) {
    targets.push(...(yield* targetsOf(route, planned, services, memoMap, scope)))
  }
  return targets
})

const targetsOf = (
  route: Route,
  planned: ReadonlyArray<PlannedRoute>,
  services: Context.Context<never>,
  memoMap: Layer.MemoMap,
  scope: Scope.Scope
): Effect.Effect<ReadonlyArray<Target | undefined>, unknown> => {
  if (route.api !== undefined) return apiTargets(route, planned, services, memoMap, scope)
  // Flat, since each request adds to it.
  const base = Context.makeUnsafe<never>(services.mapUnsafe)
  const target = route.handle === undefined ? undefined : { handler: route.handle, services, base }
  return Effect.succeed(planned.map(() => target))
}

// What `HttpApiBuilder.group` provides under the key of its group. effect/http-api does not export this shape; see its
// `GroupService`. Its routes are in the order of its handlers.
interface GroupService {
  readonly handlers: ReadonlyMap<string, { readonly endpoint: { readonly identifier: string } }>
  readonly routes: ReadonlyArray<{ readonly handler: Target["handler"] }>
}

const apiTargets = Effect.fnUntraced(function* (
  route: ApiRoute,
  planned: ReadonlyArray<PlannedRoute>,
  services: Context.Context<never>,
  memoMap: Layer.MemoMap,
  scope: Scope.Scope
) {
  if (route.handlers === undefined) return planned.map(() => undefined)
  // `define` checked that the module can give what the handlers need.
  const all = services as Context.Context<unknown>
  const built = yield* Layer.buildWithMemoMap(route.handlers, memoMap, scope).pipe(Effect.provideContext(all))
  const byEndpoint = new Map<string, Target>()
  for (const { identifier, key } of groupsOf(route)) {
    // Under a group's key there is its service, or nothing where the group was not handled.
    const group = built.mapUnsafe.get(key) as GroupService | undefined
    Array.from(group?.handlers.values() ?? []).forEach(({ endpoint }, index) => {
      const handler = group?.routes[index]?.handler
      // These handlers add the services that they were built with to what they are run with, on each request.
      const target = handler && { handler, services, base: Context.empty() }
      if (target !== undefined) byEndpoint.set(`${identifier}.${endpoint.identifier}`, target)
    })
  }
  return planned.map((each) => (each.endpoint === null ? undefined : byEndpoint.get(each.endpoint)))
})

// A route holds any api; every api has groups with these two.
const groupsOf = (route: ApiRoute): ReadonlyArray<{ readonly identifier: string; readonly key: string }> =>
  Object.values((route.api as HttpApi.Top).groups)
