import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as Option from "effect/Option"
import type { GateError } from "../GateError.ts"
import type { Caller } from "./Caller.ts"

/** The interface behind {@link RequestLimits}. */
export interface RequestLimitsService {
  /**
   * Counts `calls` more of a caller, or of the request's address where nobody says who they are. Fails with
   * `RATE_LIMITED` and `retry-after`. It runs once for each request whose caller is asked for and for each call over a
   * socket, so it must be quick.
   */
  readonly take: (
    caller: Option.Option<Caller>,
    request: HttpServerRequest.HttpServerRequest,
    calls: number
  ) => Effect.Effect<void, GateError>
}

/**
 * How often somebody may ask. Without a module that provides it, nobody is limited. Not asked for routes that are
 * `public`, whose modules know best what they cost, nor for internal ones, which are for operators.
 *
 * @example
 * ```ts
 * import { GateError, RequestLimits } from "@portico/gate"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Option from "effect/Option"
 *
 * const wait = GateError.make("RATE_LIMITED", "Say who you are first.", { headers: { "retry-after": "60" } })
 *
 * export const onlyTheKnown = Layer.succeed(RequestLimits)({
 *   take: (caller) => (Option.isNone(caller) ? Effect.fail(wait) : Effect.void)
 * })
 * ```
 */
export class RequestLimits extends Context.Service<RequestLimits, RequestLimitsService>()(
  "@portico/gate/contracts/RequestLimits"
) {
  /** Whom a plan names to whoever forgot it. */
  static readonly providedBy = "AuthModule of @portico/auth"
}
