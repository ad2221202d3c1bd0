import { createHash } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { calculateJwkThumbprint, EmbeddedJWK, type JWTPayload, jwtVerify } from "jose"

/** Seconds before and after which a proof is not believed. */
const window = 60

/** Proofs that are remembered at once. Beyond that none is believed until some are out of date. */
const most = 100_000

/** What a request shows besides a credential that is bound to a key. */
export interface ShownProof {
  readonly proof: string
  readonly method: string
  /** Without query and fragment. */
  readonly url: string
  readonly credential: string
}

/** Checks proofs of possession (RFC 9449). Each one is good once. */
export interface ProofChecker {
  /** Thumbprint of the key that signed, or why the proof is refused, in words for the audit log. */
  readonly check: (shown: ShownProof) => Effect.Effect<string, string>
}

/**
 * `startedAt` is when this process began, in milliseconds since the epoch: a proof from before may have been used
 * already, and what was used is remembered in memory only.
 */
export const makeProofChecker = (startedAt: number): ProofChecker => {
  /** Until when each is remembered, in seconds, the oldest first. */
  const used = new Map<string, number>()

  const forget = (now: number) => {
    for (const [key, until] of used) {
      if (until >= now) return
      used.delete(key)
    }
  }

  const spend = (jkt: string, { iat, jti }: JWTPayload, now: number): void => {
    if (typeof jti !== "string" || jti === "" || jti.length > 256) throw new Error("the proof has no id")
    if (!Number.isSafeInteger(iat) || Math.abs(Number(iat) - now) > window) throw new Error("the proof is not of now")
    if (Number(iat) < Math.floor(startedAt / 1_000)) throw new Error("the proof is from before the start")
    forget(now)
    const key = `${jkt} ${jti}`
    if (used.has(key)) throw new Error("the proof was used before")
    if (used.size >= most) throw new Error("too many proofs at once")
    used.set(key, now + 2 * window)
  }

  return {
    check: (shown) =>
      Effect.flatMap(Clock.currentTimeMillis, (millis) =>
        Effect.tryPromise({
          try: async () => {
            const { payload, protectedHeader } = await jwtVerify(shown.proof, EmbeddedJWK, {
              algorithms: ["EdDSA", "ES256"],
              typ: "dpop+jwt",
              currentDate: new Date(millis)
            })
            const { jwk } = protectedHeader
            if (jwk === undefined || "d" in jwk) throw new Error("the proof has no public key")
            if (payload.htm !== shown.method) throw new Error("the proof is for another method")
            if (!isSameUrl(payload.htu, shown.url)) throw new Error("the proof is for another URL")
            if (payload.ath !== hashOf(shown.credential)) throw new Error("the proof is for another credential")
            const jkt = await calculateJwkThumbprint(jwk)
            spend(jkt, payload, millis / 1_000)
            return jkt
          },
          catch: (cause) => (cause instanceof Error ? cause.message : "malformed")
        })
      )
  }
}

/** `ath` of a credential: base64url of its SHA-256. */
export const hashOf = (credential: string): string => createHash("sha256").update(credential).digest("base64url")

/** RFC 9449, section 4.3: compared after normalisation, without query and fragment. */
const isSameUrl = (said: unknown, url: string): boolean => {
  if (!Predicate.isString(said) || !URL.canParse(said) || !URL.canParse(url)) return false
  const [a, b] = [new URL(said), new URL(url)]
  return a.origin === b.origin && a.pathname === b.pathname
}
