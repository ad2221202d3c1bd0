import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { makeProofs } from "../src/internal/oauth/dpop.ts"
import type { Replays } from "../src/internal/oauth/replays.ts"
import { sha256 } from "../src/internal/secrets.ts"

const now = 1_750_000_000
const url = "https://portico.example/auth/token"

const setup = Effect.gen(function* () {
  yield* TestClock.setTime(now * 1_000)
  const seen = new Set<string>()
  const replays: Replays = {
    isFirst: (kind, text) => Effect.sync(() => seen.size < seen.add(`${kind} ${text}`).size),
    prune: Effect.void
  }
  const proofs = makeProofs(replays)
  const { privateKey, publicKey } = yield* Effect.promise(() => generateKeyPair("ES256", { extractable: true }))
  const jwk = yield* Effect.promise(() => exportJWK(publicKey))
  const sign = (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
    Effect.promise(() =>
      new SignJWT({ jti: "1", htm: "POST", htu: url, iat: now, ...claims })
        .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk, ...header })
        .sign(privateKey)
    )
  const verify = (proof: string, more: { readonly token?: string } = {}) =>
    Effect.result(proofs.verify({ proof, method: "POST", urls: [url], ...more }))
  const first = yield* verify(yield* sign({}))
  const nonce = first._tag === "Failure" && first.failure._tag === "NeedsNonce" ? first.failure.nonce : ""
  return { sign, verify, nonce }
})

describe("a proof of possession", () => {
  it.effect("needs a nonce of ours, and is good once (abuse 11)", () =>
    Effect.gen(function* () {
      const { nonce, sign, verify } = yield* setup
      const proof = yield* sign({ nonce })
      expect((yield* verify(proof))._tag).toBe("Success")
      expect(yield* verify(proof)).toMatchObject({ failure: { reason: "used before" } })
      expect(yield* verify(yield* sign({ nonce: "theirs", jti: "2" }))).toMatchObject({
        failure: { _tag: "NeedsNonce" }
      })
    })
  )

  it.effect("is refused for another method, address, token, time or kind (abuse 11)", () =>
    Effect.gen(function* () {
      const { nonce, sign, verify } = yield* setup
      const wrong = [
        { htm: "GET" },
        { htu: "https://portico.example/auth/other" },
        { htu: "https://portico.example.evil/auth/token" },
        { ath: "AAAA" },
        { iat: now - 1_000 },
        { iat: now + 1_000 },
        { jti: "" }
      ]
      for (const claims of wrong) {
        expect(yield* verify(yield* sign({ nonce, ...claims }))).toMatchObject({ failure: { _tag: "Invalid" } })
      }
      expect((yield* verify(yield* sign({ nonce }, { typ: "JWT" })))._tag).toBe("Failure")
      const token = "a.b.c"
      expect((yield* verify(yield* sign({ nonce }), { token }))._tag).toBe("Failure")
      const ath = sha256(token).toString("base64url")
      expect((yield* verify(yield* sign({ nonce, ath }), { token }))._tag).toBe("Success")
    })
  )
})
