import { type AuthenticatorService, type Caller, GateError } from "@portico/gate"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import type { Origin } from "../AuditEvent.ts"
import type { Verifier } from "./verifier.ts"

/** Where a request comes from. */
export const originOf = (request: HttpServerRequest.HttpServerRequest): Origin => ({
  address: Option.getOrUndefined(request.remoteAddress),
  userAgent: request.headers["user-agent"]
})

// RFC 6750, section 2.1; the scheme's name is case-insensitive (RFC 9110, section 11.1).
const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i

const nobody: Effect.Effect<Option.Option<Caller>> = Effect.succeed(Option.none())
const otherScheme = GateError.make("UNAUTHENTICATED", "The Authorization header must be `Bearer <token>`.", {
  headers: { "www-authenticate": 'Bearer error="invalid_request"' }
})

/** Gate's contract: an API key or access token in the `Authorization` header, and nowhere else. */
export const makeAuthenticator = (verifier: Verifier): AuthenticatorService => ({
  challenge: "Bearer",
  authenticate: (request) => {
    const { authorization } = request.headers
    if (authorization === undefined) return nobody
    const credential = bearer.exec(authorization)?.[1]
    return credential === undefined ? Effect.fail(otherScheme) : verifier.verify(credential, () => originOf(request))
  }
})
