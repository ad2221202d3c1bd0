import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { calculateJwkThumbprint, importJWK, type JWTPayload, jwtVerify } from "jose"
import { skew } from "../clockSkew.ts"

/** Seconds within which a proof was made. */
export const fresh = 300

/** An Ed25519 public key as it is shown (RFC 8037). */
export interface Ed25519Jwk {
  readonly kty: "OKP"
  readonly crv: "Ed25519"
  readonly x: string
}

/** What a proof has to say to prove that its signer holds a key. */
export interface KeyProofDemand {
  /** Its `typ`. */
  readonly type: string
  readonly key: Ed25519Jwk
  readonly audience: string
  /** Further claims, each exactly this. */
  readonly claims: Readonly<Record<string, string>>
}

/** What is left to check of a good proof. */
export interface KeyProof {
  /** Thumbprint of the key (RFC 7638). */
  readonly jkt: string
  readonly payload: JWTPayload
}

/** Checks a signed statement by a key: `typ`, `aud`, `iat` within five minutes, and what else it has to say. */
export const checkKeyProof = (proof: string, demand: KeyProofDemand): Effect.Effect<KeyProof, string> =>
  Effect.flatMap(Clock.currentTimeMillis, (millis) =>
    Effect.tryPromise({
      try: async () => {
        const { audience, claims, key, type } = demand
        const { payload } = await jwtVerify(proof, await importJWK({ ...key }, "EdDSA"), {
          algorithms: ["EdDSA"],
          typ: type,
          audience,
          requiredClaims: ["iat"],
          clockTolerance: skew,
          currentDate: new Date(millis)
        })
        const { aud, iat } = payload
        const now = millis / 1_000
        if (aud !== audience) throw new Error("audience is not exactly this instance")
        if (!Number.isSafeInteger(iat) || Number(iat) > now + skew) throw new Error("made in the future")
        if (Number(iat) < now - fresh) throw new Error("made too long ago")
        for (const [name, value] of Object.entries(claims)) {
          if (payload[name] !== value) throw new Error(`${name} is not as it has to be`)
        }
        return { jkt: await calculateJwkThumbprint({ ...key }), payload }
      },
      catch: (cause) => (cause instanceof Error ? cause.message : "malformed")
    })
  )
