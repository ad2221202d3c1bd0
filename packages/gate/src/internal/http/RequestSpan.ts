import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import type * as Tracer from "effect/Tracer"
import type { Signals } from "../../contracts/Observability.ts"
import type { EndpointInfo } from "./Endpoint.ts"

/** One request as it is told to whoever observes the product. Made only while somebody does. */
export class RequestSpan {
  readonly span: Tracer.Span
  private readonly signals: Signals
  private readonly info: EndpointInfo
  private readonly method: string
  private readonly clock: Clock.Clock

  constructor(
    signals: Signals,
    info: EndpointInfo,
    request: HttpServerRequest.HttpServerRequest,
    requestId: string,
    fiber: Fiber.Fiber<unknown, unknown>
  ) {
    this.signals = signals
    this.info = info
    this.method = request.method
    this.clock = fiber.getRef(Clock.Clock)
    const parent = HttpTraceContext.w3c(request.headers)
    this.span = signals.tracer.span({
      name: `${request.method} ${info.path}`,
      parent,
      annotations: Context.empty(),
      links: [],
      startTime: this.clock.currentTimeNanosUnsafe(),
      kind: "server",
      root: parent._tag === "None",
      // The caller decides for its trace; a trace that begins here is the tracer's to decide.
      sampled: parent._tag === "None" || parent.value.sampled
    })
    if (!this.span.sampled) return
    // Names of OpenTelemetry's semantic conventions for HTTP where it has one. The query is left out: it may hold secrets.
    this.span.attribute("http.request.method", request.method)
    this.span.attribute("http.route", info.path)
    this.span.attribute("portico.module", info.module)
    this.span.attribute("portico.route", info.id)
    this.span.attribute("portico.request_id", requestId)
  }

  /** `cause` is given where the answer hides what went wrong. */
  end(status: number, millis: number, cause: Cause.Cause<unknown> | undefined): void {
    const { clock, info, method, signals, span } = this
    span.attribute("http.response.status_code", status)
    span.end(clock.currentTimeNanosUnsafe(), exitOf(status, cause))
    signals.request({ method, route: info.path, module: info.module, status, millis })
  }
}

// As OpenTelemetry has it, a refusal (4xx) is no failure of the server.
const exitOf = (status: number, cause: Cause.Cause<unknown> | undefined): Exit.Exit<void, unknown> => {
  if (cause !== undefined) return Exit.failCause(cause)
  return status < 500 ? Exit.void : Exit.fail(new Error(`answered with status ${status}`))
}
