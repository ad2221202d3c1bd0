import { type AuthenticatorService, type Caller, GateError, RequestOrigin } from "@portico/gate"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import { type Delegations, isDelegation } from "./delegation/delegations.ts"
import { type Proofs, proofAlgorithms } from "./proof/dpop.ts"
import { sameBytes } from "./secrets.ts"
import { isCrossSite, isUnsafe, type OwnOrigins } from "./sessions/crossSite.ts"
import { type CookieRules, clearCookie, csrfToken, readCookie } from "./sessions/sessionCookie.ts"
import type { Possession, Verifier } from "./verifier.ts"
import type { Views } from "./views/views.ts"
import { isViewToken } from "./views/viewTokens.ts"

type Request = HttpServerRequest.HttpServerRequest

// RFC 6750, section 2.1; the scheme's name is case-insensitive (RFC 9110, section 11.1).
const scheme = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i

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
  readonly views: Pick<Views, "authenticate">
  readonly cookie: CookieRules
  readonly origins: OwnOrigins
  readonly proofs: Proofs
  /** The instance's public URL. */
  readonly issuer: string
  readonly onRefusal: NonNullable<AuthenticatorService["onRefusal"]>
}

/** Gate's contract: an API key, access token or delegation in the `Authorization` header, or a session's cookie. */
export const makeAuthenticator = ({
  cookie,
  delegations,
  issuer,
  onRefusal,
  origins,
  proofs,
  verifier,
  views
}: AuthenticatorOptions): AuthenticatorService => {
  const withSession = (request: Request, value: string): Effect.Effect<Option.Option<Caller>, GateError> => {
    if (isCrossSite(request, origins)) return Effect.fail(crossSite)
    // A socket cannot send the token along, but says where its page is from, which is enough.
    const needsToken = request.headers.upgrade === undefined && isUnsafe(request)
    if (needsToken && !hasCsrfToken(value, request.headers["x-csrf-token"])) return Effect.fail(noCsrfToken)
    return Effect.mapError(
      verifier.verify(value, "cookie", () => RequestOrigin.of(request)),
      (error) => withoutCookie(error, cookie)
    )
  }

  /** Asks for a proof that is about this request, and made with the key that the token is bound to (RFC 9449). */
  const possessionOf =
    (request: Request, token: string): Possession =>
    (jkt) =>
      Effect.matchEffect(
        proofs.verify({
          request,
          proof: request.headers.dpop,
          method: request.method,
          urls: urlsOf(request, issuer),
          credential: token,
          isKey: (shown) => shown === jkt,
          needsNonce: true
        }),
        {
          onSuccess: () => Effect.void,
          onFailure: (error) => {
            if (error._tag === "DatabaseError") return Effect.fail(GateError.make("UNAVAILABLE"))
            if (error._tag === "NeedsNonce") return Effect.fail(needsNonce(error.nonce))
            const challenge = dpopChallenge("invalid_dpop_proof")
            return verifier.refuse(`its proof: ${error.reason}`, () => RequestOrigin.of(request), challenge)
          }
        }
      )

  return {
    onRefusal,
    challenge: `Bearer resource_metadata="${issuer}/.well-known/oauth-protected-resource"`,
    authenticate: (request) => {
      const { authorization } = request.headers
      if (authorization === undefined) {
        const value = readCookie(request.headers.cookie, cookie)
        return value === undefined || isForeign(request.url) ? nobody : withSession(request, value)
      }
      const shown = scheme.exec(authorization)
      const credential = shown?.[2]
      if (credential !== undefined && isDelegation(credential)) {
        return Effect.asSome(delegations.authenticate(credential, request))
      }
      if (credential === undefined) return Effect.fail(otherScheme)
      if (isViewToken(credential)) return Effect.asSome(views.authenticate(credential, request))
      const possession = shown?.[1]?.length === dpop ? possessionOf(request, credential) : undefined
      return verifier.verify(credential, "header", () => RequestOrigin.of(request), possession)
    }
  }
}

/** How long the name of the scheme is that needs a proof. */
const dpop = "dpop".length

const dpopChallenge = (error: string): Readonly<Record<string, string>> => ({
  "www-authenticate": `DPoP error="${error}", algs="${proofAlgorithms.join(" ")}"`
})

const needsNonce = (nonce: string): GateError =>
  GateError.make("UNAUTHENTICATED", "The proof has to hold the nonce of this answer.", {
    headers: { ...dpopChallenge("use_dpop_nonce"), "dpop-nonce": nonce }
  })

/** What the address of a request may be called: by its public name, or by the one it was asked under. */
const urlsOf = ({ headers, url }: Request, issuer: string): ReadonlyArray<string> => {
  const path = url.split("?")[0] ?? ""
  return [new URL(issuer).origin, `http://${headers.host}`, `https://${headers.host}`].map((base) => `${base}${path}`)
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
