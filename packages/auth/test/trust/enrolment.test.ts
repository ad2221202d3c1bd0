import { describe, expect, it } from "@effect/vitest"
import { generateTrustKey, inspectEnrolment, parseExpiry, signEnrolment } from "@portico/auth/trust"
import { Effect, Result } from "effect"

const root = generateTrustKey()
const wish = { role: "consumer", type: "policy", expiresAt: 60_000, attributes: { name: "laptop" } } as const

describe("an enrolment credential", () => {
  it.effect("says who may come in, how often and until when", () =>
    Effect.gen(function* () {
      const { publicKey: endpointId } = generateTrustKey()
      const credential = yield* signEnrolment(root, { ...wish, endpointId }, 1_500)
      expect(inspectEnrolment(`${credential}\n`)).toEqual(
        Result.succeed({
          role: "consumer",
          type: "policy",
          nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
          root: root.publicKey,
          issuedAt: 1_000,
          expiresAt: 60_000,
          attributes: { name: "laptop" },
          endpointId
        })
      )
      expect(credential).not.toContain(root.privateKey)
    })
  )

  it.effect("is not signed with attributes or a node's key that nobody could read", () =>
    Effect.gen(function* () {
      const many = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`a${index}`, "x"]))
      for (const change of [
        { attributes: many },
        { attributes: { "a b": "x" } },
        { attributes: { "": "x" } },
        { attributes: { a: "x".repeat(513) } },
        { endpointId: "short" },
        { endpointId: "A".repeat(64) }
      ]) {
        const outcome = yield* Effect.result(signEnrolment(root, { ...wish, ...change }, 0))
        expect([change, Result.isFailure(outcome)]).toEqual([change, true])
      }
    })
  )

  it("is not read from what is none", () => {
    for (const text of [
      "",
      "a",
      "a.b",
      "a.b.c",
      "e30.e30.e30",
      "x".repeat(9_000),
      `${root.publicKey}.${root.publicKey}.`
    ]) {
      expect(Result.isFailure(inspectEnrolment(text))).toBe(true)
    }
  })
})

describe("an expiry", () => {
  it("is a time from now, or a date with an offset", () => {
    const now = 1_750_000_000_000
    for (const [text, at] of [
      ["30d", now + 30 * 86_400_000],
      ["24h", now + 86_400_000],
      ["15 minutes", now + 900_000],
      ["2030-01-01T00:00:00Z", Date.UTC(2030, 0, 1)],
      ["2030-01-01T00:00:00+02:00", Date.UTC(2029, 11, 31, 22)],
      ["2030-01-01", Date.UTC(2030, 0, 1)]
    ] as const) {
      expect([text, parseExpiry(text, now)]).toEqual([text, Result.succeed(at)])
    }
  })

  it("is neither past nor anything else", () => {
    const now = 1_750_000_000_000
    for (const text of [
      "",
      "30",
      "30x",
      "-1d",
      "0d",
      "1e99d",
      "soon",
      "2020-01-01T00:00:00Z",
      "2030-13-01",
      "2030-01-01T00:00:00"
    ]) {
      expect([text, Result.isFailure(parseExpiry(text, now))]).toEqual([text, true])
    }
  })
})
