import { type AuthenticatorService, type Caller, GateError } from "@portico/gate"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import { type Delegations, isDelegation } from "./delegation/delegations.ts"
import { originOf } from "./origin.ts"
import { sameBytes } from "./secrets.ts"
import { isCrossSite, isUnsafe, type OwnOrigins } from "./sessions/crossSite.ts"
import { type CookieRules, clearCookie, csrfToken, readCookie } from "./sessions/sessionCookie.ts"
import type { Verifier } from "./verifier.ts"

type Request = HttpServerRequest.HttpServerRequest

// RFC 6750, section 2.1; the scheme's name is case-insensitive (RFC 9110, section 11.1).
const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i
// RFC 9449, section 7.1: for what has to be shown with its key.
const boundToken = /^dpop +([A-Za-z0-9\-._~]+)$/i

const nobody: Effect.Effect<Option.Option<Caller>> = Effect.succeed(Option.none())
const otherScheme = GateError.make("UNAUTHENTICATED", "The Authorization header must be `Bearer <token>`.", {
  headers: { "www-authenticate": 'Bearer error="invalid_request"' }
})
const crossSite = GateError.make("PERMISSION_DENIED", "A session is for pages of this instance.")
const noCsrfToken = GateError.make(
  "PERMISSION_DENIED",
  "A request with a session's cookie that changes something needs its token in the X-CSRF-Token header."
)

export interface AuthenticatorOptions {
  readonly verifier: Verifier
  readonly delegations: Pick<Delegations, "authenticate">
  readonly cookie: CookieRules
  readonly origins: OwnOrigins
}

/** Gate's contract: an API key, access token or delegation in the `Authorization` header, or a session's cookie. */
export const makeAuthenticator = ({
  cookie,
  delegations,
  origins,
  verifier
}: AuthenticatorOptions): AuthenticatorService => {
  const withSession = (request: Request, value: string): Effect.Effect<Option.Option<Caller>, GateError> => {
    if (isCrossSite(request, origins)) return Effect.fail(crossSite)
    // A socket cannot send the token along, but says where its page is from, which is enough.
    const needsToken = request.headers.upgrade === undefined && isUnsafe(request)
    if (needsToken && !hasCsrfToken(value, request.headers["x-csrf-token"])) return Effect.fail(noCsrfToken)
    return Effect.mapError(
      verifier.verify(value, "cookie", () => originOf(request)),
      (error) => withoutCookie(error, cookie)
    )
  }

  return {
    challenge: "Bearer",
    authenticate: (request) => {
      const { authorization } = request.headers
      if (authorization === undefined) {
        const value = readCookie(request.headers.cookie, cookie)
        return value === undefined || isForeign(request.url) ? nobody : withSession(request, value)
      }
      const credential = bearer.exec(authorization)?.[1]
      const shown = credential ?? boundToken.exec(authorization)?.[1]
      if (shown !== undefined && isDelegation(shown)) return Effect.asSome(delegations.authenticate(shown, request))
      if (credential === undefined) return Effect.fail(otherScheme)
      return verifier.verify(credential, "header", () => originOf(request))
    }
  }
}

/** Whatever answers below `/d/` is a domain's, whose pages must not act for who looks at them. */
const isForeign = (url: string): boolean => url.startsWith("/d/")

/** Compares in a time that does not depend on what is sent. */
export const hasCsrfToken = (session: string, sent: string | undefined): boolean =>
  sent !== undefined && sameBytes(Buffer.from(sent), Buffer.from(csrfToken(session)))

const withoutCookie = (error: GateError, cookie: CookieRules): GateError =>
  error.code === "UNAUTHENTICATED"
    ? GateError.make(error.code, "The session has ended.", { headers: { "set-cookie": clearCookie(cookie) } })
    : error
