import { describe, expect, it } from "@effect/vitest"
import { generateTrustKey, proveEnrolment, signEnrolment, type TrustKeyPair } from "@portico/auth/trust"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { type JWTPayload, SignJWT } from "jose"
import { admit } from "../../src/internal/trust/admit.ts"
import { signingKeyOf } from "../../src/TrustKey.ts"

const audience = "https://portico.example"
const root = generateTrustKey()
const stranger = generateTrustKey()
const node = generateTrustKey()
const now = 1_000_000

/** Admission with what was spent so far, in this process. */
const gate = Effect.map(TestClock.setTime(now), () => {
  const spent = new Set<string>()
  const spend = (nonce: string) =>
    Effect.sync(() => {
      if (spent.has(nonce)) return false
      spent.add(nonce)
      return true
    })
  const enter = (credential: string, proof?: string, at = now) =>
    admit(credential, proof, { roots: new Set([root.publicKey]), audience, now: at, spend })
  const step = (credential: string, proof?: string, at = now) =>
    Effect.match(enter(credential, proof, at), { onFailure: (refusal) => refusal.step, onSuccess: () => "admitted" })
  return { spent, enter, step }
})

const claims = {
  iss: root.publicKey,
  jti: "0".repeat(32),
  iat: now / 1_000,
  exp: now / 1_000 + 60,
  role: "consumer",
  type: "ott",
  attributes: {}
}

/** A credential that is right but for what is changed; `undefined` leaves it out. */
const forge = (
  change: Readonly<Record<string, unknown>> = {},
  key: TrustKeyPair = root,
  typ = "portico-enrolment+jwt"
) =>
  Effect.promise(() =>
    new SignJWT({ ...claims, ...change } as JWTPayload)
      .setProtectedHeader({ alg: "EdDSA", typ })
      .sign(signingKeyOf(key))
  )

describe("admission", () => {
  it.effect("lets in who shows a good credential, a policy again and again and a one-time one once", () =>
    Effect.gen(function* () {
      const { step } = yield* gate
      const wish = { role: "producer", expiresAt: now + 60_000, attributes: {} } as const
      const policy = yield* signEnrolment(root, { ...wish, type: "policy" }, now)
      const ott = yield* signEnrolment(root, { ...wish, type: "ott" }, now)
      expect([yield* step(policy), yield* step(policy)]).toEqual(["admitted", "admitted"])
      expect([yield* step(ott), yield* step(ott)]).toEqual(["admitted", "nonce"])
    })
  )

  it.effect("names the step at which it refused, in the order of the specification", () =>
    Effect.gen(function* () {
      const { enter, spent, step } = yield* gate
      expect(yield* step(yield* forge())).toBe("admitted")
      spent.clear()
      // Each is wrong in its own way and in all the ways that are looked at later.
      const late = { exp: 1, endpoint_id: node.publicKey }
      expect(yield* step("a.b.c")).toBe("parse")
      expect(yield* step(yield* forge(late, stranger, "at+jwt"))).toBe("parse")
      expect(yield* step(yield* forge({ ...late, iss: stranger.publicKey, role: "king" }, stranger))).toBe("root")
      expect(yield* step(yield* forge({ ...late, role: "king" }, stranger))).toBe("structure")
      expect(yield* step(yield* forge(late, stranger))).toBe("signature")
      expect(yield* step(yield* forge(late))).toBe("expiry")
      expect(yield* step(yield* forge({ endpoint_id: node.publicKey }))).toBe("binding")
      expect(spent.size).toBe(0)
      expect(yield* Effect.flip(enter(yield* forge({ exp: 1 })))).toMatchObject({
        step: "expiry",
        reason: "expired",
        said: { expiresAt: 1_000 }
      })
    })
  )

  it.effect("refuses whatever does not have the structure (abuse 10)", () =>
    Effect.gen(function* () {
      const { step } = yield* gate
      for (const change of [
        { role: undefined },
        { type: "forever" },
        { jti: "x" },
        { jti: undefined },
        { iat: "now" },
        { exp: 1e308 },
        { exp: 1.5 },
        { exp: -1 },
        { exp: undefined },
        { attributes: [] },
        { attributes: { a: 1 } },
        { attributes: { "a b": "x" } },
        { attributes: undefined },
        { endpoint_id: "node" }
      ]) {
        expect([change, yield* step(yield* forge(change))]).toEqual([change, "structure"])
      }
      expect(yield* step(yield* forge({ iat: now / 1_000 + 61 }))).toBe("expiry")
      expect(yield* step(yield* forge(), undefined, now + 60_000)).toBe("expiry")
    })
  )

  it.effect(
    "asks for a proof by the node's key where a credential is bound to one, and takes each once (abuse 11)",
    () =>
      Effect.gen(function* () {
        const { step } = yield* gate
        const wish = { role: "consumer", type: "policy", expiresAt: now + 600_000, attributes: {} } as const
        const credential = yield* signEnrolment(root, { ...wish, endpointId: node.publicKey }, now)
        const another = yield* signEnrolment(root, { ...wish, endpointId: node.publicKey }, now)
        const proof = yield* proveEnrolment(node, credential, audience, now)
        expect(yield* step(credential)).toBe("binding")
        expect(yield* step(credential, "a.b.c")).toBe("binding")
        expect(yield* step(credential, yield* proveEnrolment(stranger, credential, audience, now))).toBe("binding")
        expect(yield* step(credential, yield* proveEnrolment(node, another, audience, now))).toBe("binding")
        expect(yield* step(credential, yield* proveEnrolment(node, credential, `${audience}.evil`, now))).toBe(
          "binding"
        )
        expect(yield* step(credential, yield* proveEnrolment(node, credential, audience, now - 301_000))).toBe(
          "binding"
        )
        expect(yield* step(credential, proof)).toBe("admitted")
        expect(yield* step(credential, proof)).toBe("nonce")
        expect(yield* step(credential, yield* proveEnrolment(node, credential, audience, now))).toBe("admitted")
      })
  )

  it.effect("lets nobody in when a nonce cannot be kept", () =>
    Effect.gen(function* () {
      yield* gate
      const ports = { roots: new Set([root.publicKey]), audience, now, spend: () => Effect.fail("disk full") }
      expect(yield* Effect.flip(admit(yield* forge(), undefined, ports))).toBe("disk full")
    })
  )
})
