import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as HttpMethod from "effect/http/HttpMethod"
import type * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as HttpApi from "effect/http-api/HttpApi"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { CurrentCaller } from "./contracts/Caller.ts"

/** Who may reach a route: the network, or operators. */
export type RouteScope = "public" | "internal"

/** Whether a caller must show who they are. `required` is the default. */
export type AuthMode = "required" | "optional" | "public"

/** A path that starts with `/`. Segments may be parameters (`:id`); a last `*` takes everything below. */
export type MountPath = `/${string}`

interface Common {
  /** Unique within its module, for example `route:crm`. */
  readonly id: string
  readonly scope: RouteScope
  readonly mountPath: MountPath
  /**
   * `any` lets pages of every origin ask, without cookies: for what programs in browsers have to reach before anybody could
   * have allowed their origin, such as a token endpoint. Else the setting `gate.corsOrigins` says who may.
   */
  readonly cors?: "any" | undefined
  readonly description?: string | undefined
}

/** A route declared before it is written: it plans with GATE013 and answers 501. */
export interface BareRoute extends Common {
  readonly method?: HttpMethod.HttpMethod | "*" | undefined
  readonly auth?: AuthMode | undefined
  readonly api?: undefined
  readonly handlers?: undefined
  readonly handle?: undefined
  readonly openapi?: Readonly<Record<string, unknown>> | undefined
}

/**
 * The endpoints of an `HttpApi`, each at `mountPath` + its own path. Auth is stated on an endpoint, a group or the
 * whole api with `.annotate(...Gateway.auth("public"))`.
 */
export interface ApiRoute<out RIn = unknown> extends Common {
  readonly api: HttpApi.Constraint
  /** The layers of the api's groups (`HttpApiBuilder.group`), merged. Without it the routes answer 501. */
  // What the layer provides are group services, which only the api's own types can name.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly handlers?: Layer.Layer<any, unknown, RIn> | undefined
  readonly auth?: AuthMode | undefined
  readonly method?: undefined
  readonly handle?: undefined
  readonly openapi?: undefined
}

/** A route whose request and response are handled by hand. */
export interface HandleRoute<out R = unknown> extends Common {
  /** `*` takes every method. Default `GET`. */
  readonly method?: HttpMethod.HttpMethod | "*" | undefined
  readonly auth?: AuthMode | undefined
  readonly handle: Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, R>
  /** Takes bodies of any length, which it reads as they arrive: see `bodyStream` of `@portico/gate/http`. */
  readonly longBody?: boolean | undefined
  /** An OpenAPI operation object, for what the framework cannot derive. */
  readonly openapi?: Readonly<Record<string, unknown>> | undefined
  readonly api?: undefined
  readonly handlers?: undefined
}

/**
 * The api of a route, for code that walks it. An `HttpApi` is invariant in its groups, so a field that admits every api
 * can only be of its erased type; each value of that type is made by `HttpApi.make` and has all of `HttpApi.Top`.
 */
export const apiOf = (route: ApiRoute): HttpApi.Top => route.api as HttpApi.Top

export type Route<R = unknown> = BareRoute | ApiRoute<R> | HandleRoute<R>

/** What the framework gives to every handler, on top of what it gives to the module. */
export type RouteGiven =
  | HttpServerRequest.HttpServerRequest
  | HttpServerRequest.ParsedSearchParams
  | HttpRouter.RouteContext
  | Scope.Scope
  | CurrentCaller

type Unwrapped<R> = R extends HttpRouter.Request<string, infer S> ? S : R

/** The services that a route's handlers need from its module. */
export type RouteServices<T> = T extends { readonly handle: Effect.Effect<infer _A, infer _E, infer R> }
  ? Exclude<R, RouteGiven>
  : T extends { readonly handlers: Layer.Layer<infer _O, infer _F, infer RIn> }
    ? Exclude<Unwrapped<RIn>, RouteGiven>
    : never

/** The annotation behind {@link auth}. */
export class RouteAuth extends Context.Service<RouteAuth, AuthMode>()("@portico/gate/RouteAuth") {}

/**
 * States the auth of an `HttpApi`, a group or an endpoint. The innermost one counts.
 *
 * @example
 * ```ts
 * import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
 * import * as Schema from "effect/Schema"
 * import { Gateway } from "@portico/gate"
 *
 * const status = HttpApiEndpoint.get("status", "/status", { success: Schema.String }).annotate(...Gateway.auth("public"))
 * ```
 */
export const auth = (mode: AuthMode): readonly [typeof RouteAuth, AuthMode] => [RouteAuth, mode]

/** Everything below this prefix is internal, and nothing else is. */
export const internalPrefix = "/gateway/v1/internal"
