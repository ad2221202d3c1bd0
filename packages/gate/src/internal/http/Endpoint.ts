import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { GateError } from "../../GateError.ts"
import type { AuthMode, RouteScope } from "../../Route.ts"
import { EndpointTraffic } from "./traffic.ts"

/** What answers an endpoint while its module is ready. */
export interface Target {
  // What a handler needs was checked where its module was defined; here it finds it by key.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly handler: Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, any>
  /** The module's services, and what it was given. */
  readonly services: Context.Context<never>
  /** What the handler is run with besides the request: its services, unless it brings them along itself. */
  readonly base: Context.Context<never>
}

/** What an endpoint is declared as. */
export interface EndpointInfo {
  readonly id: string
  readonly module: string
  readonly scope: RouteScope
  readonly auth: AuthMode
  readonly method: string
  readonly path: string
  readonly cors?: "any"
}

/**
 * One method and path. It stays for the life of the instance; `target` comes and goes with the module behind it, which
 * is what lets a module restart under a running server.
 */
export class Endpoint {
  readonly info: EndpointInfo
  readonly traffic = new EndpointTraffic()
  /** Why there is no target. */
  readonly unavailable: () => GateError
  target: Target | undefined = undefined
  /** Changes the request before anybody looks at it, for an endpoint that is told things in a way of its own. */
  readonly reads:
    | ((request: HttpServerRequest.HttpServerRequest, requestId: string) => HttpServerRequest.HttpServerRequest)
    | undefined

  /** Whether it reads bodies as they arrive, so that their length is no matter. */
  readonly longBody: boolean

  constructor(
    info: EndpointInfo,
    unavailable: () => GateError,
    { longBody = false, reads }: { readonly longBody?: boolean; readonly reads?: Endpoint["reads"] } = {}
  ) {
    this.info = info
    this.unavailable = unavailable
    this.longBody = longBody
    this.reads = reads
  }
}
