import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import type * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { PlannedRoute } from "../../Plan.ts"
import { type ApiRoute, apiOf, type Route } from "../../Route.ts"
import type { Target } from "../http/Endpoint.ts"
import type { BuiltEndpoint } from "../http/quickEndpoint.ts"
import type { ModuleCell } from "./ModuleCell.ts"
import { watchedMemoMap } from "./watchedMemoMap.ts"

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
  readonly handlers: ReadonlyMap<string, GroupHandler>
  readonly routes: ReadonlyArray<{ readonly handler: Target["handler"] }>
}

interface GroupHandler {
  readonly endpoint: HttpApiEndpoint.Top
  readonly handler: BuiltEndpoint["handler"]
  readonly isRaw: boolean
  readonly uninterruptible: boolean
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
  const { quickEndpoint } = yield* Effect.promise(() => import("../http/quickEndpoint.ts"))
  // What each group's handlers were built with, by the group's service.
  const builtWith = new Map<unknown, Context.Context<never>>()
  const watched = watchedMemoMap(memoMap, (gave, services) => {
    if (gave.mapUnsafe.size === 1) for (const service of gave.mapUnsafe.values()) builtWith.set(service, services)
  })
  const built = yield* Layer.buildWithMemoMap(route.handlers, watched, scope).pipe(Effect.provideContext(all))
  const byEndpoint = new Map<string, Target>()
  for (const group of Object.values(apiOf(route).groups)) {
    // Under a group's key there is its service, or nothing where the group was not handled.
    const service = built.mapUnsafe.get(group.key) as GroupService | undefined
    Array.from(service?.handlers.values() ?? []).forEach((entry, index) => {
      const whole = service?.routes[index]?.handler
      if (whole === undefined) return
      const quick = quickTarget(quickEndpoint, route, group, entry, whole, builtWith.get(service))
      // These handlers add the services that they were built with to what they are run with, on each request.
      const target = quick ?? { handler: whole, services, base: Context.empty() }
      byEndpoint.set(`${group.identifier}.${entry.endpoint.identifier}`, target)
    })
  }
  return planned.map((each) => (each.endpoint === null ? undefined : byEndpoint.get(each.endpoint)))
})

/** The short cut through an endpoint, where there is one and it is known what its handler was built with. */
const quickTarget = (
  quickEndpoint: (built: BuiltEndpoint) => Target["handler"] | undefined,
  route: ApiRoute,
  group: HttpApiGroup.Top,
  { endpoint, handler, isRaw, uninterruptible }: GroupHandler,
  whole: Target["handler"],
  builtWith: Context.Context<never> | undefined
): Target | undefined => {
  // A handler of another api's endpoint by the same name is not looked into.
  if (builtWith === undefined || isRaw || uninterruptible || group.endpoints[endpoint.identifier] !== endpoint) {
    return undefined
  }
  const services = Context.omit(Scope.Scope)(builtWith)
  const quick = quickEndpoint({ api: apiOf(route), group, endpoint, handler, services, whole })
  // Flat, since each request adds to it.
  return quick && { handler: quick, services, base: Context.makeUnsafe<never>(services.mapUnsafe) }
}
