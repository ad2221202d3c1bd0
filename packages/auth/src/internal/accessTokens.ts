import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from "jose"
import type { IssuedToken } from "../Auth.ts"
import { randomName } from "./secrets.ts"
import type { SigningKeys } from "./signingKeys.ts"

/** Seconds by which clocks may differ. */
const skew = 60

/** What a good access token says. */
export interface AccessTokenClaims {
  /** Node id of the identity. */
  readonly identity: string
  readonly tokenId: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Signs and checks access tokens (RFC 9068: `typ: at+jwt`), under the advice of RFC 8725. */
export interface AccessTokens {
  readonly issue: (identity: string) => Effect.Effect<IssuedToken>
  /** What the token says, or why it is refused, in words for the audit log. */
  readonly verify: (token: string) => Effect.Effect<AccessTokenClaims, string>
}

export interface AccessTokenOptions {
  /** Issuer and audience. */
  readonly issuer: string
  /** Seconds. */
  readonly lifetime: number
  readonly keys: SigningKeys
}

export const makeAccessTokens = ({ issuer, keys, lifetime }: AccessTokenOptions): AccessTokens => ({
  issue: (identity) =>
    Effect.flatMap(Clock.currentTimeMillis, (millis) => {
      const now = Math.floor(millis / 1_000)
      return Effect.promise(async () => ({
        token: await new SignJWT({ client_id: issuer })
          .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: keys.active.kid })
          .setIssuer(issuer)
          .setAudience(issuer)
          .setSubject(identity)
          .setIssuedAt(now)
          .setExpirationTime(now + lifetime)
          .setJti(randomName())
          .sign(keys.active.privateKey),
        expiresAt: (now + lifetime) * 1_000
      }))
    }),

  verify: (token) =>
    Effect.flatMap(Clock.currentTimeMillis, (millis) =>
      Effect.flatMap(
        Effect.tryPromise({
          try: async () => {
            // Only our own keys count: whatever `jwk`, `jku` or `x5u` a header brings is not looked at.
            const { kid } = decodeProtectedHeader(token)
            const key = typeof kid === "string" ? keys.verifying.get(kid) : undefined
            if (key === undefined) throw new Error("unknown key")
            const { payload } = await jwtVerify(token, key, {
              algorithms: ["EdDSA"],
              typ: "at+jwt",
              issuer,
              audience: issuer,
              requiredClaims: ["sub", "exp", "iat", "jti"],
              clockTolerance: skew,
              currentDate: new Date(millis)
            })
            return payload
          },
          catch: (cause) => (cause instanceof Error ? cause.message : "malformed")
        }),
        (payload) => claimsOf(payload, { issuer, lifetime, now: millis / 1_000 })
      )
    )
})

/** Checks what `jwtVerify` leaves open: an audience with extras, and times that no token of ours has. */
const claimsOf = (
  payload: JWTPayload,
  expected: { readonly issuer: string; readonly lifetime: number; readonly now: number }
): Effect.Effect<AccessTokenClaims, string> => {
  const { aud, exp, iat, jti, sub } = payload
  if (aud !== expected.issuer) return Effect.fail("audience is not exactly this instance")
  if (!isSeconds(exp) || !isSeconds(iat)) return Effect.fail("times are not whole seconds")
  if (iat > expected.now + skew) return Effect.fail("issued in the future")
  if (exp < iat || exp - iat > expected.lifetime) return Effect.fail("good for longer than any token of ours")
  if (typeof sub !== "string" || sub === "" || typeof jti !== "string") return Effect.fail("no subject or id")
  return Effect.succeed({ identity: sub, tokenId: jti, expiresAt: exp * 1_000 })
}

const isSeconds = (u: unknown): u is number => Number.isSafeInteger(u) && Number(u) >= 0
