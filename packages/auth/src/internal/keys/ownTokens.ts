import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type JWTPayload, jwtVerify, SignJWT } from "jose"
import { skew } from "../clockSkew.ts"
import type { SigningKeys } from "./signingKeys.ts"

/** What is signed. */
export interface NewToken {
  /** Node id. */
  readonly subject: string
  readonly audience: string
  readonly id?: string | undefined
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Whatever its type says beyond that. */
  readonly claims: JWTPayload
}

/** What every token of ours says. Times are in seconds since the epoch. */
export interface OwnPayload extends JWTPayload {
  readonly sub: string
  readonly jti: string
  readonly iat: number
}

/** Tokens of one type, which this instance signs with its keys. */
export interface OwnTokens {
  readonly sign: (token: NewToken) => Effect.Effect<string>
  /**
   * What `read` makes of a good token that is for this instance, or why it is refused, in words for the audit log. `read`
   * throws such words.
   */
  readonly verify: <A>(token: string, read: (payload: OwnPayload) => A) => Effect.Effect<A, string>
}

export interface OwnTokenOptions {
  readonly issuer: string
  readonly keys: SigningKeys
  /** What tells them from every other kind: `typ` of their header (RFC 8725, section 3.11). */
  readonly type: string
  /** Seconds that one is good for beyond its end, for clocks that differ. */
  readonly tolerance?: number
}

/** Signs and checks under the advice of RFC 8725. */
export const makeOwnTokens = ({ issuer, keys, tolerance = 0, type }: OwnTokenOptions): OwnTokens => {
  const now = Effect.andThen(keys.learn, Clock.currentTimeMillis)

  const checked = async (token: string, millis: number): Promise<OwnPayload> => {
    const { payload } = await jwtVerify(token, ({ kid }) => keyOf(keys, kid, millis), {
      algorithms: ["EdDSA"],
      typ: type,
      issuer,
      audience: issuer,
      requiredClaims: ["sub", "exp", "iat", "jti"],
      clockTolerance: tolerance,
      currentDate: new Date(millis)
    })
    return wellFormed(payload, issuer, millis / 1_000)
  }

  return {
    sign: ({ audience, claims, expiresAt, id, subject }) =>
      Effect.flatMap(now, (millis) =>
        Effect.promise(() => {
          const { kid, privateKey } = keys.active
          const token = new SignJWT(claims)
            .setProtectedHeader({ alg: "EdDSA", typ: type, kid })
            .setIssuer(issuer)
            .setAudience(audience)
            .setSubject(subject)
            .setIssuedAt(Math.floor(millis / 1_000))
            .setExpirationTime(expiresAt / 1_000)
          return (id === undefined ? token : token.setJti(id)).sign(privateKey)
        })
      ),
    verify: (token, read) =>
      Effect.flatMap(now, (millis) =>
        Effect.tryPromise({
          try: async () => read(await checked(token, millis)),
          catch: (cause) => (cause instanceof Error ? cause.message : "malformed")
        })
      )
  }
}

/** Only our own keys count: whatever `jwk`, `jku` or `x5u` a header brings is not looked at. */
const keyOf = (keys: SigningKeys, kid: unknown, now: number) => {
  const found = typeof kid === "string" ? keys.verifying.get(kid) : undefined
  if (found === undefined || now >= found.until) throw new Error("unknown key")
  return found.key
}

/** Checks what `jwtVerify` leaves open: an audience with extras, and what no token of ours says. */
const wellFormed = (payload: JWTPayload, issuer: string, now: number): OwnPayload => {
  const { aud, iat, jti, sub } = payload
  if (aud !== issuer) throw new Error("audience is not exactly this instance")
  if (iat === undefined || !Number.isSafeInteger(iat) || iat < 0) throw new Error("times are not whole seconds")
  if (iat > now + skew) throw new Error("issued in the future")
  if (typeof sub !== "string" || sub === "" || typeof jti !== "string") throw new Error("no subject or id")
  return { ...payload, sub, jti, iat }
}
