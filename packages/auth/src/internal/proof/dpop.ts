import type { DatabaseError } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, type JWTPayload, jwtVerify } from "jose"
import { skew } from "../clockSkew.ts"
import { sha256 } from "../secrets.ts"
import { type Nonces, nonceWindow } from "./nonces.ts"
import type { Replays } from "./replays.ts"

/** What proofs may be signed with. */
export const proofAlgorithms = ["ES256", "ES384", "ES512", "EdDSA", "Ed25519", "RS256", "PS256"] as const

/** Longest proof that is looked at, in characters. */
const longest = 8_192

/** A proof, and the request that it has to be about. */
export interface ShownProof {
  readonly proof: string | undefined
  readonly method: string
  /** Any one of them. Query and fragment do not count. */
  readonly urls: ReadonlyArray<string>
  /** Asked again about the same one, no other proof is needed: for answers that last. */
  readonly request?: object | undefined
  /** What it is shown with, if that is bound to a key. */
  readonly credential?: string | undefined
  /** Whether a key is one that it may be proved with; any is where this is missing. */
  readonly isKey?: ((jkt: string) => boolean) | undefined
  /** Whether it has to hold a nonce of ours, and not only to be of the last minute. */
  readonly needsNonce: boolean
}

/** Why a proof is not good. `nonce` asks for another one, with that in it. */
export type ProofRefused =
  | { readonly _tag: "Invalid"; readonly reason: string }
  | { readonly _tag: "NeedsNonce"; readonly nonce: string }

/** Checks proofs of possession (RFC 9449). Each one is good once, whichever process it is shown to. */
export interface Proofs {
  /** The thumbprint of the key whose possession is shown. */
  readonly verify: (shown: ShownProof) => Effect.Effect<string, ProofRefused | DatabaseError>
}

const invalid = (reason: string): Effect.Effect<never, ProofRefused> => Effect.fail({ _tag: "Invalid", reason })

export const makeProofs = (replays: Replays, nonces: Nonces): Proofs => {
  const proved = new WeakMap<object, { readonly jkt: string; readonly credential: string | undefined }>()

  const verify: Proofs["verify"] = (shown) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const { jkt, payload } = yield* read(shown.proof, now)
      const wrong = mismatch(payload, shown)
      if (wrong !== undefined) return yield* invalid(wrong)
      const { iat, jti, nonce } = payload
      // With a nonce of ours it is known when a proof was made, so the clocks need not agree as well.
      const window = shown.needsNonce ? skew + nonceWindow / 1_000 : skew
      if (typeof iat !== "number" || !(Math.abs(now / 1_000 - iat) <= window)) return yield* invalid("not of now")
      if (shown.needsNonce && !(yield* nonces.isGood(nonce))) {
        return yield* Effect.fail({ _tag: "NeedsNonce", nonce: yield* nonces.current } as const)
      }
      if (shown.isKey !== undefined && !shown.isKey(jkt)) return yield* invalid("with another key")
      // Last, so that nothing that is refused anyhow has to be remembered.
      const until = now + 2 * (shown.needsNonce ? nonceWindow : window * 1_000)
      return (yield* replays.isFirst("dpop", `${jkt} ${jti}`, until)) ? jkt : yield* invalid("used before")
    })

  return {
    verify: (shown) =>
      Effect.suspend(() => {
        const { credential, isKey, request } = shown
        if (request === undefined) return verify(shown)
        const before = proved.get(request)
        if (before !== undefined && before.credential === credential && (isKey?.(before.jkt) ?? true)) {
          return Effect.succeed(before.jkt)
        }
        return Effect.tap(verify(shown), (jkt) => Effect.sync(() => proved.set(request, { jkt, credential })))
      })
  }
}

interface ReadProof {
  readonly payload: JWTPayload
  readonly jkt: string
}

const read = (proof: string | undefined, now: number): Effect.Effect<ReadProof, ProofRefused> => {
  if (proof === undefined || proof.length > longest) return invalid("no proof, or one too long")
  return Effect.tryPromise({
    // The key in the header is what is proved here, so it is the one place where such a key is looked at.
    try: async () => {
      const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
        algorithms: [...proofAlgorithms],
        typ: "dpop+jwt",
        requiredClaims: ["jti", "iat", "htm", "htu"],
        clockTolerance: skew,
        currentDate: new Date(now)
      })
      return { payload, jkt: await thumbprint(protectedHeader.jwk) }
    },
    catch: (cause): ProofRefused => ({
      _tag: "Invalid",
      reason: cause instanceof Error ? cause.message : "malformed"
    })
  })
}

const thumbprint = (jwk: JWK | undefined): Promise<string> => {
  if (jwk === undefined || "d" in jwk) throw new Error("no public key in the header")
  return calculateJwkThumbprint(jwk)
}

/** In what a proof is not about the request that it is shown with. */
const mismatch = ({ ath, htm, htu, jti }: JWTPayload, { credential, method, urls }: ShownProof): string | undefined => {
  if (htm !== method) return "for another method"
  if (!urls.some((url) => isSameUrl(url, htu))) return "for another address"
  if (ath !== (credential === undefined ? undefined : hashOf(credential))) return "for another credential"
  return typeof jti !== "string" || jti === "" || jti.length > 512 ? "no id" : undefined
}

/** `ath` of a credential: base64url of its SHA-256. */
const hashOf = (credential: string): string => sha256(credential).toString("base64url")

/** The same address but for query and fragment, after normalisation (RFC 9449, section 4.3). */
const isSameUrl = (url: string, htu: unknown): boolean => {
  if (typeof htu !== "string" || !URL.canParse(htu) || !URL.canParse(url)) return false
  const [sent, asked] = [new URL(htu), new URL(url)]
  return sent.username === "" && sent.origin === asked.origin && sent.pathname === asked.pathname
}
