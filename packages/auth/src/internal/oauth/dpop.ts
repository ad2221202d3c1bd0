import { createHmac } from "node:crypto"
import type { DatabaseError } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, type JWTVerifyResult, jwtVerify } from "jose"
import { skew } from "../accessTokens.ts"
import { randomSecret, sameBytes, sha256 } from "../secrets.ts"
import type { Replays } from "./replays.ts"

/** What proofs may be signed with. */
export const proofAlgorithms = ["ES256", "ES384", "ES512", "EdDSA", "Ed25519", "RS256", "PS256"] as const

/** Milliseconds that a nonce of ours is given out; the one before counts as well. */
const nonceWindow = 300_000

/** A proof, and the request that it has to be about. */
export interface ProofOf {
  readonly proof: string | undefined
  readonly method: string
  /** Any one of them, without query and fragment. */
  readonly urls: ReadonlyArray<string>
  /** The access token that it is shown with. */
  readonly token?: string | undefined
}

/** Why a proof is not good. `nonce` asks for another one, with that in it. */
export type ProofRefused =
  | { readonly _tag: "Invalid"; readonly reason: string }
  | { readonly _tag: "NeedsNonce"; readonly nonce: string }

/** Proofs of possession (RFC 9449). */
export interface Proofs {
  /** The thumbprint of the key whose possession is shown. */
  readonly verify: (request: ProofOf) => Effect.Effect<string, ProofRefused | DatabaseError>
}

const invalid = (reason: string): ProofRefused => ({ _tag: "Invalid", reason })

/** Nonces are of this process: after a restart, clients are asked for another proof. */
export const makeProofs = (replays: Replays): Proofs => {
  const secret = randomSecret()
  const nonceOf = (window: number): string =>
    createHmac("sha256", secret).update(String(window)).digest("base64url").slice(0, 22)

  const isOurs = (nonce: unknown, window: number): boolean =>
    typeof nonce === "string" &&
    [window, window - 1].some((each) => sameBytes(Buffer.from(nonce), Buffer.from(nonceOf(each))))

  return {
    verify: ({ method, proof, token, urls }) =>
      Effect.gen(function* () {
        if (proof === undefined || proof.length > 8_192) return yield* Effect.fail(invalid("no proof, or one too long"))
        const now = yield* Clock.currentTimeMillis
        const { payload, protectedHeader } = yield* check(proof, now)
        const { ath, htm, htu, iat, jti, nonce } = payload
        if (htm !== method) return yield* Effect.fail(invalid("for another method"))
        if (!urls.some((url) => isSameUrl(url, htu))) return yield* Effect.fail(invalid("for another address"))
        const expected = token === undefined ? undefined : sha256(token).toString("base64url")
        if (ath !== expected) return yield* Effect.fail(invalid("for another token"))
        if (typeof jti !== "string" || jti === "" || jti.length > 512) return yield* Effect.fail(invalid("no id"))
        if (typeof iat !== "number" || Math.abs(now / 1_000 - iat) > skew + nonceWindow / 1_000) {
          return yield* Effect.fail(invalid("not of now"))
        }
        const window = Math.floor(now / nonceWindow)
        if (!isOurs(nonce, window)) return yield* Effect.fail({ _tag: "NeedsNonce", nonce: nonceOf(window) } as const)
        const jkt = yield* Effect.promise(() => thumbprint(protectedHeader.jwk))
        // As long as its nonce could be good.
        const first = yield* replays.isFirst("dpop", `${jkt} ${jti}`, now + 2 * nonceWindow)
        return first ? jkt : yield* Effect.fail(invalid("used before"))
      })
  }
}

const check = (proof: string, now: number): Effect.Effect<JWTVerifyResult, ProofRefused> =>
  Effect.tryPromise({
    // The key in the header is what is proved here, so it is the one place where such a key is looked at.
    try: () =>
      jwtVerify(proof, EmbeddedJWK, {
        algorithms: [...proofAlgorithms],
        typ: "dpop+jwt",
        requiredClaims: ["jti", "iat", "htm", "htu"],
        clockTolerance: skew,
        currentDate: new Date(now)
      }),
    catch: (cause) => invalid(cause instanceof Error ? cause.message : "malformed")
  })

const thumbprint = (jwk: JWK | undefined): Promise<string> =>
  jwk === undefined ? Promise.reject(new Error("no key in the header")) : calculateJwkThumbprint(jwk)

/** The same address but for query and fragment (RFC 9449, section 4.3). */
const isSameUrl = (url: string, htu: unknown): boolean => {
  try {
    const sent = new URL(String(htu))
    return `${sent.origin}${sent.pathname}` === new URL(url).href && sent.username === ""
  } catch {
    return false
  }
}
