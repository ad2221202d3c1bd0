import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { makeProofs, type ShownProof } from "../../src/internal/proof/dpop.ts"
import { makeNonces } from "../../src/internal/proof/nonces.ts"
import { makeReplays } from "../../src/internal/proof/replays.ts"
import { sha256 } from "../../src/internal/secrets.ts"
import { newWorld, startIn } from "../support/start.ts"

const now = 1_750_000_000
const url = "https://portico.example/auth/token"

const makeSign = Effect.gen(function* () {
  const { privateKey, publicKey } = yield* Effect.promise(() => generateKeyPair("ES256", { extractable: true }))
  const jwk = yield* Effect.promise(() => exportJWK(publicKey))
  return (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
    Effect.promise(() =>
      new SignJWT({ jti: "1", htm: "POST", htu: url, iat: now, ...claims })
        .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk, ...header })
        .sign(privateKey)
    )
})

/** Proofs as another process, or the next start, on the same database checks them. */
const setup = Effect.gen(function* () {
  yield* TestClock.setTime(now * 1_000)
  const { database } = yield* Effect.flatMap(newWorld, startIn)
  const another = Effect.map(makeNonces(database), (nonces) => {
    const proofs = makeProofs(makeReplays(database), nonces)
    return (proof: string, more: Partial<ShownProof> = {}) =>
      Effect.result(proofs.verify({ proof, method: "POST", urls: [url], needsNonce: true, ...more }))
  })
  const verify = yield* another
  const sign = yield* makeSign
  const first = yield* verify(yield* sign({}))
  const nonce = first._tag === "Failure" && first.failure._tag === "NeedsNonce" ? first.failure.nonce : ""
  return { another, database, sign, verify, nonce }
})

describe("a proof of possession", () => {
  it.effect("abuse 11: is good once, in whichever process, and after a restart as well", () =>
    Effect.gen(function* () {
      const { another, nonce, sign, verify } = yield* setup
      const proof = yield* sign({ nonce })
      const plain = yield* sign({ jti: "2" })
      expect((yield* verify(proof))._tag).toBe("Success")
      expect((yield* verify(plain, { needsNonce: false }))._tag).toBe("Success")
      for (const check of [verify, yield* another]) {
        expect(yield* check(proof)).toMatchObject({ failure: { reason: "used before" } })
        expect(yield* check(plain, { needsNonce: false })).toMatchObject({ failure: { reason: "used before" } })
        expect(yield* check(proof, { needsNonce: false })).toMatchObject({ failure: { reason: "used before" } })
      }
      expect((yield* (yield* another)(yield* sign({ nonce, jti: "3" })))._tag).toBe("Success")
    })
  )

  it.effect("needs a nonce of ours where that is asked for, which lasts for ten minutes at most", () =>
    Effect.gen(function* () {
      const { nonce, sign, verify } = yield* setup
      expect(yield* verify(yield* sign({ nonce: "theirs" }))).toMatchObject({ failure: { _tag: "NeedsNonce" } })
      yield* TestClock.adjust("10 minutes")
      const late = yield* verify(yield* sign({ nonce, iat: now + 600 }))
      expect(late).toMatchObject({ failure: { _tag: "NeedsNonce" } })
    })
  )

  it.effect("abuse 11: is refused for another method, address, credential, time, key or kind, and is not used up", () =>
    Effect.gen(function* () {
      const { nonce, sign, verify } = yield* setup
      const wrong = [
        { htm: "GET" },
        { htu: "https://portico.example/auth/other" },
        { htu: "https://portico.example.evil/auth/token" },
        { htu: "https://somebody@portico.example/auth/token" },
        { ath: "AAAA" },
        { iat: now - 1_000 },
        { iat: now + 1_000 },
        { jti: "" }
      ]
      for (const claims of wrong) {
        expect(yield* verify(yield* sign({ nonce, ...claims }))).toMatchObject({ failure: { _tag: "Invalid" } })
      }
      const minuteOff = yield* sign({ nonce, iat: now - 61 })
      expect((yield* verify(minuteOff, { needsNonce: false }))._tag).toBe("Failure")
      expect((yield* verify(yield* sign({ nonce }, { typ: "JWT" })))._tag).toBe("Failure")
      const credential = "a.b.c"
      expect((yield* verify(yield* sign({ nonce }), { credential }))._tag).toBe("Failure")
      const good = yield* sign({ nonce, ath: sha256(credential).toString("base64url") })
      expect((yield* verify(good, { credential, isKey: () => false }))._tag).toBe("Failure")
      expect((yield* verify(good, { credential }))._tag).toBe("Success")
    })
  )

  it.effect("is asked for once of a request that is looked at again, as answers that last are", () =>
    Effect.gen(function* () {
      const { nonce, sign, verify } = yield* setup
      const [request, proof] = [{}, yield* sign({ nonce })]
      for (let look = 0; look < 3; look++) expect((yield* verify(proof, { request }))._tag).toBe("Success")
      expect((yield* verify(proof, { request: {} }))._tag).toBe("Failure")
      expect((yield* verify(proof, { request, isKey: () => false }))._tag).toBe("Failure")
      expect((yield* verify(proof, { request, credential: "another" }))._tag).toBe("Failure")
    })
  )
})

describe("what was used once", () => {
  it.effect("is remembered for as long as it could be used, and no more than there is room for", () =>
    Effect.gen(function* () {
      const { database } = yield* setup
      const replays = makeReplays(database, 3)
      const use = (text: string) => replays.isFirst("test", text, now * 1_000 + 90_000)
      expect(yield* Effect.forEach(["a", "b", "c"], use)).toEqual([true, true, true])
      expect(yield* use("a")).toBe(false)
      // Nobody gets in with what cannot be remembered.
      expect(yield* use("d")).toBe(false)
      yield* TestClock.adjust("2 minutes")
      expect(yield* use("d")).toBe(true)
      expect(yield* database.read((conn) => conn.prepare("SELECT seen FROM auth_replays").all())).toHaveLength(1)
    })
  )
})
