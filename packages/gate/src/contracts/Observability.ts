import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Logger from "effect/Logger"
import type * as Tracer from "effect/Tracer"

/** A request to a module's route that was answered. */
export interface AnsweredRequest {
  readonly method: string
  /** The route's pattern, for example `/crm/contacts/:id`; never the path that was asked for. */
  readonly route: string
  /** Id of the module behind the route. */
  readonly module: string
  /** HTTP status. */
  readonly status: number
  readonly millis: number
}

/** Where a running product's signals go. All of it is called on the hot path, so none of it may block. */
export interface Signals {
  /** Makes the spans of requests, and those that modules make inside and outside of them. */
  readonly tracer: Tracer.Tracer
  /** Takes each line that the product logs, beside the process's own log. */
  readonly logger: Logger.Logger<unknown, unknown>
  /** Measures requests. */
  readonly request: (answered: AnsweredRequest) => void
}

/** The interface behind {@link Observability}. */
export interface ObservabilityService {
  /** `undefined` where nothing is asked for; the product then makes no spans, and its requests cost nothing more. */
  readonly signals: Signals | undefined
  /** Sends what has been gathered, and ends when the other side has answered. It never fails. */
  readonly flush: Effect.Effect<void>
}

/**
 * What a product tells about itself while it runs. A module that provides it gets a span for each request to a module's
 * route (with the caller's trace as its parent, as `traceparent` says: W3C Trace Context), every span that modules make
 * with `Effect.withSpan`, marked with the module's id, and every log line. A product without one does well, too.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { Observability } from "@portico/gate/contracts"
 * import * as Context from "effect/Context"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * class Reports extends Context.Service<Reports, { readonly run: Effect.Effect<void> }>()("app/Reports") {}
 *
 * // Makes sure that what a long job told is out before the job is called done.
 * const ReportsModule = Gateway.module.define({
 *   id: "reports",
 *   displayName: "Reports",
 *   requires: [Observability],
 *   provides: [Reports],
 *   layer: Layer.effect(
 *     Reports,
 *     Effect.map(Observability, ({ flush }) => ({
 *       run: Effect.ensuring(Effect.withSpan(Effect.log("reporting"), "reports.run"), flush)
 *     }))
 *   )
 * })
 * ```
 */
export class Observability extends Context.Service<Observability, ObservabilityService>()(
  "@portico/gate/contracts/Observability"
) {}
