import type { Bound } from "@portico/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { type JWTPayload, jwtVerify, SignJWT } from "jose"
import type { IssuedToken } from "../Auth.ts"
import { isBound } from "./bounds.ts"
import type { SigningKeys } from "./keys/signingKeys.ts"
import { randomName } from "./secrets.ts"

/** Seconds by which clocks may differ. */
export const skew = 60

/** Tokens that led to one by exchange, at most. */
export const longestChain = 8

/** What an access token is issued for. */
export interface TokenGrant {
  /** Node id of the identity. */
  readonly identity: string
  /** Which password of the identity it began with: see {@link Generations}. */
  readonly generation?: number | undefined
  /** Missing where the whole standing of the identity is handed on. */
  readonly scope?: TokenScope | undefined
  /** Who it is issued to. Missing for tokens that one asks for oneself. */
  readonly client?: string | undefined
  /** Id of the authorization that it belongs to. */
  readonly grant?: string | undefined
  /** Thumbprint of the key whose possession has to be shown with it (RFC 9449). */
  readonly jkt?: string | undefined
  /** Ids of the tokens that it was made from by exchange, the first one first. */
  readonly chain?: ReadonlyArray<string> | undefined
  /** Who acts for the subject (RFC 8693, section 4.1), the last one first. */
  readonly actors?: ReadonlyArray<string> | undefined
  /** Milliseconds since the epoch, beyond which it must not last. */
  readonly until?: number | undefined
}

/** How far a token reaches. */
export interface TokenScope {
  /** Words that were granted. */
  readonly words: ReadonlyArray<string>
  /** Each narrows what the ones before left; none at all leaves everything. */
  readonly bounds: ReadonlyArray<Bound>
}

/** What a good access token says. */
export interface AccessTokenClaims extends TokenGrant {
  readonly tokenId: string
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Signs and checks access tokens (RFC 9068: `typ: at+jwt`), under the advice of RFC 8725. */
export interface AccessTokens {
  readonly issue: (grant: TokenGrant) => Effect.Effect<IssuedToken & { readonly id: string }>
  /** What the token says, or why it is refused, in words for the audit log. Whether it was revoked is not looked up. */
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
  issue: (grant) =>
    Effect.flatMap(Effect.andThen(keys.learn, Clock.currentTimeMillis), (millis) => {
      const now = Math.floor(millis / 1_000)
      const exp = Math.min(now + lifetime, Math.floor((grant.until ?? Number.POSITIVE_INFINITY) / 1_000))
      const id = randomName()
      return Effect.promise(async () => ({
        id,
        token: await new SignJWT(payloadOf(grant, issuer))
          .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: keys.active.kid })
          .setIssuer(issuer)
          .setAudience(issuer)
          .setSubject(grant.identity)
          .setIssuedAt(now)
          .setExpirationTime(exp)
          .setJti(id)
          .sign(keys.active.privateKey),
        expiresAt: exp * 1_000
      }))
    }),

  verify: (token) =>
    Effect.flatMap(Effect.andThen(keys.learn, Clock.currentTimeMillis), (millis) =>
      Effect.tryPromise({
        try: async () => {
          const { payload } = await jwtVerify(token, ({ kid }) => keyOf(keys, kid, millis), {
            algorithms: ["EdDSA"],
            typ: "at+jwt",
            issuer,
            audience: issuer,
            requiredClaims: ["sub", "exp", "iat", "jti"],
            clockTolerance: skew,
            currentDate: new Date(millis)
          })
          return claimsOf(payload, { issuer, lifetime, now: millis / 1_000 })
        },
        catch: (cause) => (cause instanceof Error ? cause.message : "malformed")
      })
    )
})

/** Only our own keys count: whatever `jwk`, `jku` or `x5u` a header brings is not looked at. */
const keyOf = (keys: SigningKeys, kid: unknown, now: number) => {
  const found = typeof kid === "string" ? keys.verifying.get(kid) : undefined
  if (found === undefined || now >= found.until) throw new Error("unknown key")
  return found.key
}

const payloadOf = (grant: TokenGrant, issuer: string): JWTPayload => ({
  client_id: grant.client ?? issuer,
  ...(grant.generation === undefined || grant.generation === 0 ? undefined : { gen: grant.generation }),
  ...(grant.scope === undefined ? undefined : { scope: grant.scope.words.join(" "), bounds: grant.scope.bounds }),
  ...(grant.grant === undefined ? undefined : { grant: grant.grant }),
  ...(grant.jkt === undefined ? undefined : { cnf: { jkt: grant.jkt } }),
  ...(grant.chain === undefined || grant.chain.length === 0 ? undefined : { chain: grant.chain }),
  ...actOf(grant.actors ?? [])
})

const actOf = ([sub, ...before]: ReadonlyArray<string>): { readonly act?: unknown } =>
  sub === undefined ? {} : { act: { sub, ...actOf(before) } }

const actorsOf = (act: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  let at = act
  while (Predicate.hasProperty(at, "sub") && typeof at.sub === "string" && found.length < longestChain) {
    found.push(at.sub)
    at = Predicate.hasProperty(at, "act") ? at.act : undefined
  }
  return found
}

/** Checks what `jwtVerify` leaves open: an audience with extras, and times that no token of ours has. */
const claimsOf = (
  payload: JWTPayload,
  expected: { readonly issuer: string; readonly lifetime: number; readonly now: number }
): AccessTokenClaims => {
  const { aud, exp, iat, jti, sub } = payload
  if (aud !== expected.issuer) throw new Error("audience is not exactly this instance")
  if (!isSeconds(exp) || !isSeconds(iat)) throw new Error("times are not whole seconds")
  if (iat > expected.now + skew) throw new Error("issued in the future")
  if (exp < iat || exp - iat > expected.lifetime) throw new Error("good for longer than any token of ours")
  if (typeof sub !== "string" || sub === "" || typeof jti !== "string") throw new Error("no subject or id")
  return {
    identity: sub,
    tokenId: jti,
    issuedAt: iat * 1_000,
    expiresAt: exp * 1_000,
    client: stringOf(payload.client_id),
    generation: Number.isSafeInteger(payload.gen) ? Number(payload.gen) : 0,
    scope: payload.scope === undefined ? undefined : scopeOf(payload),
    grant: stringOf(payload.grant),
    jkt: payload.cnf === undefined ? undefined : jktOf(payload.cnf),
    chain: Array.isArray(payload.chain) ? payload.chain.filter((id) => typeof id === "string") : [],
    actors: actorsOf(payload.act)
  }
}

const stringOf = (u: unknown): string | undefined => (typeof u === "string" ? u : undefined)

const jktOf = (cnf: unknown): string => {
  if (Predicate.hasProperty(cnf, "jkt") && typeof cnf.jkt === "string") return cnf.jkt
  throw new Error("bound to a key in a way that is not known")
}

const scopeOf = ({ bounds, scope }: JWTPayload): TokenScope => {
  if (typeof scope !== "string" || !Array.isArray(bounds) || !bounds.every(isBound)) {
    throw new Error("narrowed in a way that is not known")
  }
  return { words: scope.split(" ").filter((word) => word !== ""), bounds }
}

const isSeconds = (u: unknown): u is number => Number.isSafeInteger(u) && Number(u) >= 0
