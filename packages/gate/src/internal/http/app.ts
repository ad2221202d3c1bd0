import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import type { AuthenticatorService } from "../../contracts/Authenticator.ts"
import { type Caller, CurrentCaller, type CurrentCallerService } from "../../contracts/Caller.ts"
import type { Signals } from "../../contracts/Observability.ts"
import type { RequestLimitsService } from "../../contracts/RequestLimits.ts"
import { GateError } from "../../GateError.ts"
import { RequestOrigin } from "../../RequestOrigin.ts"
import { admit } from "./admit.ts"
import type { CommonHeaders } from "./commonHeaders.ts"
import type { Cors } from "./cors.ts"
import type { Endpoint } from "./Endpoint.ts"
import { type AccessLog, Exchange } from "./Exchange.ts"
import { errorResponse } from "./errorResponse.ts"
import { judge } from "./failure.ts"
import type { HostCheck } from "./hosts.ts"
import type { Packing } from "./packing.ts"
import type { Match, RouteTable } from "./RouteTable.ts"
import type { RequestIds } from "./requestId.ts"
import { CurrentRequestState, type RequestState } from "./requestState.ts"
import type { Traffic } from "./traffic.ts"

/** Everything that one listener's requests meet. */
export interface Edge {
  readonly table: RouteTable
  readonly requestIds: RequestIds
  readonly hostCheck: HostCheck
  /** Set where internal routes have a listener of their own and this is not it. */
  readonly hidesInternal: boolean
  readonly bodyLimit: number
  readonly headers: CommonHeaders
  readonly cors: Cors | undefined
  /** `undefined` where answers are sent as they are. */
  readonly packing: Packing | undefined
  readonly traffic: Traffic
  /** Milliseconds of a clock that only moves on. */
  readonly now: () => number
  /** `undefined` while no module provides one. */
  readonly authenticator: () => AuthenticatorService | undefined
  /** `undefined` while no module provides them. */
  readonly requestLimits: () => RequestLimitsService | undefined
  readonly accessLog: AccessLog | undefined
  /** `undefined` where no module provides them; gives `undefined` while nobody observes. */
  readonly signals: (() => Signals | undefined) | undefined
}

type Response = HttpServerResponse.HttpServerResponse
type RequestFiber = Fiber.Fiber<unknown, unknown>

/** The application that a server runs for each request. It never fails. */
export type App = Effect.Effect<Response, never, HttpServerRequest.HttpServerRequest | Scope.Scope>

/** Answers requests from the table: admits them, says who calls, runs the handler, and gives every answer one shape. */
export const makeApp = (edge: Edge): App =>
  Effect.withFiber((fiber) => {
    const exchange = new Exchange(edge, fiber)
    const found = admit(edge, exchange.request)
    if (HttpServerResponse.isHttpServerResponse(found)) return exchange.finish(found)
    if (found instanceof GateError) return exchange.finish(errorResponse(found, exchange.requestId))
    exchange.enter(found.handler)
    return Effect.matchCauseEffectEager(Effect.interruptible(attempt(edge, exchange, fiber, found)), {
      onSuccess: (response) => exchange.finish(response),
      onFailure: (cause) => answerFailure(exchange, cause)
    })
  })

/** What a throwing authenticator does is a defect like any other. */
const attempt = (
  edge: Edge,
  exchange: Exchange,
  fiber: RequestFiber,
  match: Match
): Effect.Effect<Response, unknown> => {
  try {
    return respond(edge, exchange, fiber, match)
  } catch (defect) {
    return Effect.die(defect)
  }
}

const respond = (
  edge: Edge,
  exchange: Exchange,
  fiber: RequestFiber,
  match: Match
): Effect.Effect<Response, unknown> => {
  const { auth, scope } = match.handler.info
  if (auth === "public" && scope === "public") {
    return run(exchange, fiber, match, new Asked(edge, exchange, Option.none(), undefined))
  }
  const authenticator = edge.authenticator()
  if (authenticator === undefined) return Effect.fail(noAuthenticator)
  return Effect.flatMapEager(authenticator.authenticate(exchange.request), (caller) => {
    exchange.caller = caller
    const refusal = refuse(match.handler, authenticator, caller)
    if (refusal !== undefined) {
      if (Option.isSome(caller)) authenticator.onRefusal?.(caller.value, exchange.request)
      return Effect.fail(refusal)
    }
    const answer = () => run(exchange, fiber, match, new Asked(edge, exchange, caller, match.handler))
    const limits = scope === "internal" ? undefined : edge.requestLimits()
    return limits === undefined ? answer() : Effect.flatMapEager(limits.take(caller, exchange.request, 1), answer)
  })
}

/** Who calls, and the means to ask again. An object per request, whose parts are made when they are asked for. */
class Asked implements CurrentCallerService {
  readonly caller: Option.Option<Caller>
  readonly #edge: Edge
  readonly #exchange: Exchange
  /** Undefined where nobody has to say who they are. */
  readonly #endpoint: Endpoint | undefined

  constructor(edge: Edge, exchange: Exchange, caller: Option.Option<Caller>, endpoint: Endpoint | undefined) {
    this.caller = caller
    this.#edge = edge
    this.#exchange = exchange
    this.#endpoint = endpoint
  }

  get from(): RequestOrigin {
    return RequestOrigin.of(this.#exchange.request)
  }

  get again(): Effect.Effect<Option.Option<Caller>, GateError> {
    return Effect.suspend(() => {
      if (this.#edge.traffic.closing) return Effect.fail(stopping)
      const endpoint = this.#endpoint
      if (endpoint === undefined) return Effect.succeed(this.caller)
      const authenticator = this.#edge.authenticator()
      if (authenticator === undefined) return Effect.fail(noAuthenticator)
      return Effect.flatMap(authenticator.authenticate(this.#exchange.request), (caller) => {
        const refusal = refuse(endpoint, authenticator, caller)
        return refusal === undefined ? Effect.succeed(caller) : Effect.fail(refusal)
      })
    })
  }

  alsoCalls(calls: number): Effect.Effect<void, GateError> {
    if (this.#endpoint === undefined || this.#endpoint.info.scope === "internal") return Effect.void
    return this.#edge.requestLimits()?.take(this.caller, this.#exchange.request, calls) ?? Effect.void
  }
}

const stopping = GateError.make("UNAVAILABLE", "The instance is stopping.")

const noAuthenticator = GateError.make("UNAVAILABLE", "No module is ready that could say who calls.")

/** Why `caller` may not use the endpoint. */
const refuse = (
  endpoint: Endpoint,
  authenticator: AuthenticatorService,
  caller: Option.Option<Caller>
): GateError | undefined => {
  const { auth, scope } = endpoint.info
  if (Option.isNone(caller)) {
    return auth === "optional" && scope === "public"
      ? undefined
      : GateError.make("UNAUTHENTICATED", "This needs a credential.", {
          headers: { "www-authenticate": authenticator.challenge ?? "Bearer" }
        })
  }
  return scope === "internal" && !caller.value.operator
    ? GateError.make("PERMISSION_DENIED", "Internal routes are for operators.")
    : undefined
}

/** Runs the handler in its module's services. The server puts the fiber's own context back when the request ends. */
const run = (
  exchange: Exchange,
  fiber: RequestFiber,
  match: Match,
  caller: CurrentCallerService
): Effect.Effect<Response, unknown> => {
  const target = match.handler.target
  if (target === undefined) return Effect.fail(match.handler.unavailable())
  // The server put request and scope there; see `toHandled` in effect/http.
  const own = fiber.context as Context.Context<HttpServerRequest.HttpServerRequest | Scope.Scope | RequestState>
  let context = target.base
  context = Context.add(context, HttpServerRequest.HttpServerRequest, exchange.request)
  context = Context.add(context, Scope.Scope, Context.getUnsafe(own, Scope.Scope))
  // The context is built from the module's services, so what the server keeps for the request is carried over.
  context = Context.add(context, CurrentRequestState, Context.getUnsafe(own, CurrentRequestState))
  context = Context.add(context, CurrentCaller, caller)
  context = Context.add(context, HttpServerRequest.ParsedSearchParams, match.searchParams)
  context = Context.add(context, HttpRouter.RouteContext, { params: match.params, route: anyRoute })
  const span = exchange.observed?.span ?? Context.getOrUndefined(own as Context.Context<never>, Tracer.ParentSpan)
  fiber.setContext(span === undefined ? context : Context.add(context, Tracer.ParentSpan, span))
  // Its services were all put in above.
  return target.handler as Effect.Effect<Response, unknown>
}

// `RouteContext.route` is there for middleware of effect/http's own router, which is not in between here.
const anyRoute = HttpRouter.route("*", "*", Effect.never)

const answerFailure = (exchange: Exchange, cause: Cause.Cause<unknown>): Effect.Effect<Response> => {
  const verdict = judge(cause)
  if (verdict._tag === "Response") return exchange.finish(verdict.response)
  if (verdict._tag !== "Expected") exchange.hidden = cause
  const answer = exchange.finish(errorResponse(verdict.failure, exchange.requestId))
  if (verdict._tag === "Expected") return answer
  const { endpoint, requestId } = exchange
  const told = Effect.annotateLogs(Effect.logError("A request failed that should not have.", cause), {
    requestId,
    route: endpoint?.info.id,
    module: endpoint?.info.module
  })
  return Effect.andThen(Effect.provideContext(told, endpoint?.target?.services ?? Context.empty()), answer)
}
