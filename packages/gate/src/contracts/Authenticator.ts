import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as Option from "effect/Option"
import type { GateError } from "../GateError.ts"
import type { Caller } from "./Caller.ts"

/** The interface behind {@link Authenticator}. */
export interface AuthenticatorService {
  /**
   * `None` if the request shows no credential at all. A credential that is malformed, expired or revoked fails with
   * `UNAUTHENTICATED`, also on routes where auth is optional.
   * It runs once for each request that is not `public`, so it must be quick for a token that it has seen before.
   */
  readonly authenticate: (
    request: HttpServerRequest.HttpServerRequest
  ) => Effect.Effect<Option.Option<Caller>, GateError>
  /** The `WWW-Authenticate` header for a request that shows no credential where one is needed. Default `Bearer`. */
  readonly challenge?: string
  /** Is told of a caller who asked for an internal route and is no operator. On the path of the request: it returns at once. */
  readonly onRefusal?: (caller: Caller, request: HttpServerRequest.HttpServerRequest) => void
}

/** Request to caller. A product with a route that is not `public` needs a module that provides this. */
export class Authenticator extends Context.Service<Authenticator, AuthenticatorService>()(
  "@portico/gate/contracts/Authenticator"
) {
  /** Whom a plan names to whoever forgot it. */
  static readonly providedBy = "AuthModule of @portico/auth"
}
