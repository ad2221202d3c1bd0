import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { Caller } from "../../contracts/Caller.ts"
import { frameworkId } from "../frameworkId.ts"
import type { Edge } from "./app.ts"
import { mergedHeaders, withHeaderMap } from "./commonHeaders.ts"
import { anyOrigin } from "./cors.ts"
import type { Endpoint } from "./Endpoint.ts"
import { errorResponse } from "./errorResponse.ts"
import { RequestSpan } from "./RequestSpan.ts"
import { failureIn } from "./reshape.ts"

type Response = HttpServerResponse.HttpServerResponse

/** What is told about a request that was answered. Never the query, a header or a body, which may hold secrets. */
export interface AccessRecord {
  readonly requestId: string
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly status: number
  readonly millis: number
  /** Id of the module behind the route, or `null` where there is no route. */
  readonly module: string | null
  readonly route: string | null
  /** Id of the caller's identity. */
  readonly caller: string | null
  /** Address of the client, or of the proxy in front of it where that is not trusted. */
  readonly remote: string | null
}

/** Takes a record of each request. It is called on the hot path, so it must not block. */
export type AccessLog = (record: AccessRecord) => void

/** One request and what becomes of it. */
export class Exchange {
  request: HttpServerRequest.HttpServerRequest
  readonly requestId: string
  endpoint: Endpoint | undefined = undefined
  caller: Option.Option<Caller> = Option.none()
  /** Its span, while somebody observes the product. */
  observed: RequestSpan | undefined = undefined
  /** What went wrong, where the answer does not tell. */
  hidden: Cause.Cause<unknown> | undefined = undefined
  private readonly edge: Edge
  private readonly scope: Scope.Scope
  private readonly fiber: Fiber.Fiber<unknown, unknown>
  private readonly startedAt: number

  constructor(edge: Edge, fiber: Fiber.Fiber<unknown, unknown>) {
    // The server provides both before it runs the application; see `toHandled` in effect/http.
    const own = fiber.context as Context.Context<HttpServerRequest.HttpServerRequest | Scope.Scope>
    this.edge = edge
    this.fiber = fiber
    this.request = Context.getUnsafe(own, HttpServerRequest.HttpServerRequest)
    this.scope = Context.getUnsafe(own, Scope.Scope)
    this.requestId = edge.requestIds(this.request.headers)
    this.startedAt = edge.now()
    edge.traffic.enter()
  }

  /** From here on the request counts as one of `endpoint`. */
  enter(endpoint: Endpoint): void {
    this.endpoint = endpoint
    if (endpoint.reads !== undefined) this.request = endpoint.reads(this.request, this.requestId)
    endpoint.traffic.enter(this.fiber)
    const signals = this.edge.signals?.()
    // Probes and the framework's own pages would only be noise.
    if (signals === undefined || endpoint.info.module === frameworkId) return
    this.observed = new RequestSpan(signals, endpoint.info, this.request, this.requestId, this.fiber)
  }

  /**
   * The answer as it is sent: one error shape, the common headers, packed where that pays. It is counted when it is handed to the server, or,
   * if it streams, when the request's scope closes, which is after its last byte or when the client goes away.
   */
  finish(answer: Response): Effect.Effect<Response> {
    const response = this.withHeaders(answer.status < 400 ? answer : this.shape(answer))
    const { packing } = this.edge
    if (packing === undefined) return this.send(response)
    const packed = packing(this.request, response)
    return Effect.isEffect(packed) ? Effect.flatMap(packed, (sent) => this.send(sent)) : this.send(packed)
  }

  private send(response: Response): Effect.Effect<Response> {
    if (response.body._tag !== "Stream") {
      this.leave(response)
      return Effect.succeed(response)
    }
    return Effect.as(
      Scope.addFinalizer(
        this.scope,
        Effect.sync(() => this.leave(response))
      ),
      response
    )
  }

  private shape(response: Response): Response {
    const failure = failureIn(response)
    if (failure === undefined) return response
    return errorResponse({ ...failure, headers: dropContent(response.headers) }, this.requestId)
  }

  private withHeaders(response: Response): Response {
    const { edge } = this
    const headers = mergedHeaders(edge.headers, this.request.method, response)
    headers["x-request-id"] = this.requestId
    const open = this.endpoint?.info.cors === "any"
    const origin = edge.cors === undefined && !open ? undefined : this.request.headers.origin
    if (origin !== undefined)
      Object.assign(headers, edge.cors?.headers(origin) ?? (open ? anyOrigin.headers(origin) : {}))
    if (edge.traffic.closing) headers.connection = "close"
    return withHeaderMap(response, headers)
  }

  private record(status: number, millis: number): AccessRecord {
    const { caller, endpoint, request, requestId } = this
    const mark = request.url.indexOf("?")
    return {
      requestId,
      method: request.method,
      path: mark === -1 ? request.url : request.url.slice(0, mark),
      status,
      millis,
      module: endpoint?.info.module ?? null,
      route: endpoint?.info.id ?? null,
      caller: Option.isSome(caller) ? caller.value.id : null,
      remote: Option.getOrNull(request.remoteAddress)
    }
  }

  private leave(response: Response): void {
    const { edge, endpoint } = this
    const millis = edge.now() - this.startedAt
    endpoint?.traffic.leave(this.fiber, response.status, millis)
    this.observed?.end(response.status, millis, this.hidden)
    edge.accessLog?.(this.record(response.status, millis))
    edge.traffic.leave()
  }
}

const dropContent = (headers: Readonly<Record<string, string>>): Record<string, string> => {
  const { "content-length": _length, "content-type": _type, ...rest } = headers
  return rest
}
