import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { GateError } from "../GateError.ts"
import type { RequestOrigin } from "../RequestOrigin.ts"

/** What a caller showed to prove who they are. Never holds the secret itself. */
export interface Credential {
  /** For example `access-token`, `api-key`, `session`, `operator-token`. */
  readonly kind: string
  readonly id?: string
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
}

/** Who makes a request, as the `Authenticator` found out. */
export interface Caller {
  /** The node id of the identity. */
  readonly id: string
  /** The class of the identity, for example `User` or `Service`. */
  readonly kind: string
  readonly name: string
  /** Whether internal routes are open to them. */
  readonly operator: boolean
  readonly credential: Credential
  /** What narrows the credential, in the words of the module that authenticated it. */
  readonly scope?: unknown
}

/** The interface behind {@link CurrentCaller}. */
export interface CurrentCallerService {
  /** `None` on a route that is `public`, or `optional` and called without a credential. */
  readonly caller: Option.Option<Caller>
  /** Where the request comes from; over a socket, where its connection does. */
  readonly from?: RequestOrigin
  /**
   * Asks once more who calls, for answers that last: a credential may have expired or been revoked since. Fails as the
   * first request would now, and with `UNAVAILABLE` once the instance is stopping and wants open answers to end.
   */
  readonly again?: Effect.Effect<Option.Option<Caller>, GateError>
  /** Counts so many calls more than the one, for a request that makes several. Fails with `RATE_LIMITED`. */
  readonly alsoCalls?: (calls: number) => Effect.Effect<void, GateError>
}

/** Inside a route's handler: who is calling. The framework provides it for each request. */
export class CurrentCaller extends Context.Service<CurrentCaller, CurrentCallerService>()(
  "@portico/gate/contracts/CurrentCaller"
) {
  /** Nobody: what a `public` route sees. */
  static readonly anonymous: CurrentCallerService = { caller: Option.none() }

  /** The caller, or `None`. */
  static readonly option: Effect.Effect<Option.Option<Caller>, never, CurrentCaller> = CurrentCaller.useSync(
    (current) => current.caller
  )
}
