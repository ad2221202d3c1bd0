import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import { exportJWK, generateKeyPair, type JWK } from "jose"
import { importForeignKeySet } from "../src/internal/keys/foreignKeySet.ts"
import { makeForeignKeys } from "../src/internal/keys/foreignKeys.ts"

const url = "https://issuer.example/jwks"
const ec = (kid: string) =>
  Effect.promise(async (): Promise<JWK> => {
    const { publicKey } = await generateKeyPair("ES256", { extractable: true })
    return { ...(await exportJWK(publicKey)), kid }
  })

/** Answers with what the test says, and counts. */
const served = (answer: (signal: AbortSignal | null | undefined) => Response | Promise<Response>) => {
  const asked: Array<RequestInit | undefined> = []
  const keys = makeForeignKeys(async (_, init) => {
    asked.push(init)
    return answer(init?.signal)
  })
  return { asked, find: (kid: string) => Effect.result(keys.keyFor(url, { alg: "ES256", kid })) }
}

describe("a key set of somebody else", () => {
  it.effect("is refused whole where one key is not as it should be (abuse 5)", () =>
    Effect.gen(function* () {
      const [good, other] = [yield* ec("one"), yield* ec("two")]
      const rsa = yield* Effect.promise(async () => {
        const { publicKey } = await generateKeyPair("RS256", { extractable: true })
        return { ...(await exportJWK(publicKey)), kid: "rsa" }
      })
      const verdict = (keys: ReadonlyArray<unknown>) => Effect.promise(() => importForeignKeySet({ keys }))
      expect(Result.isSuccess(yield* verdict([good, other, rsa]))).toBe(true)
      const bad = [
        { ...other, kid: "one" },
        { ...other, use: "enc" },
        { ...other, d: "AAAA" },
        { ...rsa, n: Buffer.alloc(128, 0xff).toString("base64url") },
        { kty: "oct", k: "AAAA", kid: "secret" },
        { ...other, key_ops: ["sign"] },
        { ...other, alg: "RS256" },
        { ...other, alg: "none" },
        { ...other, x: "AAAA" },
        null
      ]
      for (const each of bad) expect(Result.isFailure(yield* verdict([good, each]))).toBe(true)
      for (const json of [null, [], {}, { keys: {} }, { keys: [] }]) {
        expect(Result.isFailure(yield* Effect.promise(() => importForeignKeySet(json)))).toBe(true)
      }
    })
  )

  it.effect("is asked for once per cool-down, however many unknown keys are named (abuse 6)", () =>
    Effect.gen(function* () {
      const { asked, find } = served(() => Response.json({ keys: [] }))
      const known = yield* ec("one")
      const good = served(() => Response.json({ keys: [known] }))
      for (let round = 0; round < 100; round++) {
        expect(Result.isFailure(yield* good.find(`unknown-${round}`))).toBe(true)
        yield* find("one")
      }
      expect([good.asked.length, asked.length]).toEqual([1, 1])
      yield* TestClock.adjust("61 seconds")
      yield* Effect.all(
        Array.from({ length: 20 }, (_, n) => good.find(`new-${n}`)),
        { concurrency: "unbounded" }
      )
      expect(good.asked.length).toBe(2)
      expect(Result.isSuccess(yield* good.find("one"))).toBe(true)
    })
  )

  it.effect(
    "that is endless, not JSON, an error or a redirect leaves the last good one until its limit (abuse 7)",
    () =>
      Effect.gen(function* () {
        const known = yield* ec("one")
        let cancelled = false
        const endless = () =>
          new Response(
            new ReadableStream({
              pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
              cancel: () => {
                cancelled = true
              }
            })
          )
        const bad = [endless, () => new Response("<html>"), () => new Response("", { status: 500 })]
        let next: () => Response = () => Response.json({ keys: [known] })
        const { asked, find } = served(() => next())
        expect(Result.isSuccess(yield* find("one"))).toBe(true)
        expect(asked[0]).toMatchObject({ redirect: "error", credentials: "omit" })
        for (const each of bad) {
          next = each
          yield* TestClock.adjust("11 minutes")
          expect(Result.isSuccess(yield* find("one"))).toBe(true)
        }
        expect(cancelled).toBe(true)
        yield* TestClock.adjust("25 hours")
        expect(Result.isFailure(yield* find("one"))).toBe(true)
      })
  )

  it.effect("that does not come is given up after five seconds, and the request ends (abuse 7)", () =>
    Effect.gen(function* () {
      let aborted = false
      const { find } = served(
        (signal) =>
          new Promise(() => {
            signal?.addEventListener("abort", () => {
              aborted = true
            })
          })
      )
      const waiting = yield* Effect.forkChild(find("one"))
      yield* TestClock.adjust("5 seconds")
      expect(Result.isFailure(yield* Fiber.join(waiting))).toBe(true)
      expect(aborted).toBe(true)
    })
  )
})
