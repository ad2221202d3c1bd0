import type { Bound } from "@portico/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type { JWTPayload } from "jose"
import type { IssuedToken } from "../Auth.ts"
import { isBound } from "./bounds.ts"
import { skew } from "./clockSkew.ts"
import { makeOwnTokens, type OwnPayload } from "./keys/ownTokens.ts"
import type { SigningKeys } from "./keys/signingKeys.ts"
import { randomName } from "./secrets.ts"

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

export const makeAccessTokens = ({ issuer, keys, lifetime }: AccessTokenOptions): AccessTokens => {
  const tokens = makeOwnTokens({ issuer, keys, type: "at+jwt", tolerance: skew })
  return {
    issue: (grant) =>
      Effect.gen(function* () {
        const now = Math.floor((yield* Clock.currentTimeMillis) / 1_000)
        const until = Math.floor((grant.until ?? Number.POSITIVE_INFINITY) / 1_000)
        const expiresAt = Math.min(now + lifetime, until) * 1_000
        const id = randomName()
        const claims = payloadOf(grant, issuer)
        const token = yield* tokens.sign({ subject: grant.identity, audience: issuer, id, expiresAt, claims })
        return { id, token, expiresAt }
      }),
    verify: (token) => tokens.verify(token, (payload) => claimsOf(payload, lifetime))
  }
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

/** What it says of itself. Throws the reason why it is refused. */
const claimsOf = (payload: OwnPayload, lifetime: number): AccessTokenClaims => {
  const { exp, iat, jti, sub } = payload
  if (exp === undefined || !Number.isSafeInteger(exp)) throw new Error("times are not whole seconds")
  if (exp < iat || exp - iat > lifetime) throw new Error("good for longer than any token of ours")
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
