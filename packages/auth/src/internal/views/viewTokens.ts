import type { Bound } from "@portico/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type JWTPayload, jwtVerify, SignJWT } from "jose"
import { skew } from "../accessTokens.ts"
import { isBound } from "../bounds.ts"
import type { SigningKeys } from "../keys/signingKeys.ts"
import { randomName } from "../secrets.ts"

/** What tells a view's token from every other kind. */
export const viewTokenType = "portico-view+jwt"

/** How every token that is signed here begins, and no other of this instance's. */
const start = Buffer.from(`{"alg":"EdDSA","typ":"${viewTokenType}"`).toString("base64url").slice(0, -2)

/** Whether a credential is to be looked at as a view's token. */
export const isViewToken = (credential: string): boolean => credential.startsWith(start)

/** What a view's token says. */
export interface ViewClaims {
  readonly id: string
  /** Node id of the View. */
  readonly view: string
  readonly bound: Bound
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Signs and checks tokens with which a View is rendered for whoever looks at it. */
export interface ViewTokens {
  /** `ttl` is in seconds. */
  readonly issue: (
    view: string,
    bound: Bound,
    ttl: number
  ) => Effect.Effect<{ readonly id: string; readonly token: string; readonly expiresAt: number }>
  /** What the token says, or why it is refused, in words for the audit log. */
  readonly verify: (token: string) => Effect.Effect<ViewClaims, string>
}

export interface ViewTokenOptions {
  readonly issuer: string
  readonly keys: SigningKeys
  /** Seconds. */
  readonly longest: number
}

export const makeViewTokens = ({ issuer, keys, longest }: ViewTokenOptions): ViewTokens => ({
  issue: (view, bound, ttl) =>
    Effect.flatMap(Clock.currentTimeMillis, (millis) => {
      const now = Math.floor(millis / 1_000)
      const exp = now + Math.min(ttl, longest)
      const id = randomName()
      return Effect.promise(async () => ({
        id,
        expiresAt: exp * 1_000,
        token: await new SignJWT({ bound })
          .setProtectedHeader({ alg: "EdDSA", typ: viewTokenType, kid: keys.active.kid })
          .setIssuer(issuer)
          .setAudience(issuer)
          .setSubject(view)
          .setIssuedAt(now)
          .setExpirationTime(exp)
          .setJti(id)
          .sign(keys.active.privateKey)
      }))
    }),

  verify: (token) =>
    Effect.flatMap(Clock.currentTimeMillis, (millis) =>
      Effect.tryPromise({
        try: async () => {
          const { payload } = await jwtVerify(token, ({ kid }) => keyOf(keys, kid, millis), {
            algorithms: ["EdDSA"],
            typ: viewTokenType,
            issuer,
            audience: issuer,
            requiredClaims: ["sub", "exp", "iat", "jti"],
            currentDate: new Date(millis)
          })
          return claimsOf(payload, issuer, millis / 1_000)
        },
        catch: (cause) => (cause instanceof Error ? cause.message : "malformed")
      })
    )
})

const keyOf = (keys: SigningKeys, kid: unknown, now: number) => {
  const found = typeof kid === "string" ? keys.verifying.get(kid) : undefined
  if (found === undefined || now >= found.until) throw new Error("unknown key")
  return found.key
}

/** Checks what `jwtVerify` leaves open. Throws the reason. */
const claimsOf = ({ aud, bound, exp, iat, jti, sub }: JWTPayload, issuer: string, now: number): ViewClaims => {
  if (aud !== issuer) throw new Error("audience is not exactly this instance")
  if (!Number.isSafeInteger(iat) || Number(iat) > now + skew) throw new Error("issued in the future")
  if (typeof sub !== "string" || typeof jti !== "string") throw new Error("no subject or id")
  if (!isBound(bound)) throw new Error("narrowed in a way that is not known")
  return { id: jti, view: sub, bound, expiresAt: Number(exp) * 1_000 }
}
