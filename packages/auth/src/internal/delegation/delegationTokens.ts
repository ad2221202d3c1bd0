import type { Bound } from "@portico/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from "jose"
import type { SigningKeys } from "../keys/signingKeys.ts"

/** Seconds by which clocks may differ. It never lengthens a credential. */
const skew = 60

/** What tells a delegation from every other kind of token. */
export const delegationType = "portico-delegation+jwt"

/** What a delegation says. */
export interface DelegationClaims {
  readonly id: string
  /** Node id of the identity whose standing it is a part of. */
  readonly root: string
  readonly chain: ReadonlyArray<string>
}

/** What goes into a token. */
export interface NewDelegationToken extends DelegationClaims {
  /** URL of who is to accept it. */
  readonly audience: string
  /** Node id of the identity that it is for. */
  readonly actor?: string | undefined
  readonly jkt?: string | undefined
  /** What the last of the chain left. The ones before count as well; this instance knows them. */
  readonly scope: Bound
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Signs and checks delegations: JWTs of a type of their own, with the claims of RFC 8693 and RFC 7800. */
export interface DelegationTokens {
  readonly sign: (token: NewDelegationToken) => Effect.Effect<string>
  /** What the token says, or why it is refused, in words for the audit log. Whether it was revoked is not looked up. */
  readonly verify: (token: string) => Effect.Effect<DelegationClaims, string>
}

export const makeDelegationTokens = (issuer: string, keys: SigningKeys): DelegationTokens => ({
  sign: ({ actor, audience, chain, expiresAt, id, jkt, root, scope }) =>
    Effect.flatMap(Effect.andThen(keys.learn, Clock.currentTimeMillis), (now) =>
      Effect.promise(() => {
        const { kid, privateKey } = keys.active
        const payload = {
          chain,
          scope,
          ...(actor === undefined ? undefined : { act: { sub: actor } }),
          ...(jkt === undefined ? undefined : { cnf: { jkt } })
        }
        return new SignJWT(payload)
          .setProtectedHeader({ alg: "EdDSA", typ: delegationType, kid })
          .setIssuer(issuer)
          .setAudience(audience)
          .setSubject(root)
          .setIssuedAt(Math.floor(now / 1_000))
          .setExpirationTime(expiresAt / 1_000)
          .setJti(id)
          .sign(privateKey)
      })
    ),

  verify: (token) =>
    Effect.flatMap(Effect.andThen(keys.learn, Clock.currentTimeMillis), (now) =>
      Effect.tryPromise({
        try: async () => {
          // Only our own keys count: whatever `jwk`, `jku` or `x5u` a header brings is not looked at.
          const { kid } = decodeProtectedHeader(token)
          const found = typeof kid === "string" ? keys.verifying.get(kid) : undefined
          if (found === undefined || found.until <= now) throw new Error("unknown key")
          const { payload } = await jwtVerify(token, found.key, {
            algorithms: ["EdDSA"],
            typ: delegationType,
            issuer,
            audience: issuer,
            requiredClaims: ["sub", "exp", "iat", "jti"],
            currentDate: new Date(now)
          })
          return claimsOf(payload, issuer, now / 1_000)
        },
        catch: (cause) => (cause instanceof Error ? cause.message : "malformed")
      })
    )
})

/** Checks what `jwtVerify` leaves open. Throws the reason. */
const claimsOf = ({ aud, chain, iat, jti, sub }: JWTPayload, issuer: string, now: number): DelegationClaims => {
  if (aud !== issuer) throw new Error("audience is not exactly this instance")
  if (!Number.isSafeInteger(iat) || Number(iat) > now + skew) throw new Error("issued in the future")
  if (typeof sub !== "string" || typeof jti !== "string") throw new Error("no subject or id")
  if (!Array.isArray(chain) || !chain.every((id) => typeof id === "string")) throw new Error("no chain")
  if (chain[chain.length - 1] !== jti) throw new Error("its chain does not end with it")
  return { id: jti, root: sub, chain }
}
