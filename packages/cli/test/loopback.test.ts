import { request } from "node:http"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { loopback } from "../src/internal/signedIn/loopback.ts"

interface Asked {
  readonly host?: string
  readonly method?: string
}

/** The status of an answer; `fetch` would not send another Host. */
const ask = (url: string, { host, method = "GET" }: Asked = {}) =>
  Effect.promise(
    () =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = host === undefined ? {} : { host }
        request(url, { headers, method }, (response) => {
          response.resume()
          resolve(response.statusCode)
        })
          .once("error", reject)
          .end()
      })
  )

describe("the place that a browser comes back to", () => {
  it.effect("takes the first answer with its state, whatever else is asked before and after", () =>
    Effect.gen(function* () {
      const { comesBack, redirect } = yield* loopback("s1")
      const came = yield* Effect.forkChild(comesBack)
      const { origin } = new URL(redirect)
      expect(yield* ask(`${origin}/favicon.ico`)).toBe(404)
      expect(yield* ask(`${redirect}?code=evil&state=s2`)).toBe(400)
      expect(yield* ask(`${redirect}?code=evil`)).toBe(400)
      expect(yield* ask(`${redirect}?code=evil&state=s1`, { method: "POST" })).toBe(400)
      // A name that was made to lead here (DNS rebinding).
      expect(yield* ask(`${redirect}?code=evil&state=s1`, { host: "evil.example" })).toBe(404)
      expect(yield* ask(`${redirect}?code=c1&state=s1`)).toBe(200)
      expect(yield* ask(`${redirect}?code=c2&state=s1`)).toBe(400)
      expect((yield* Fiber.join(came)).href).toBe(`${redirect}?code=c1&state=s1`)
    })
  )

  it.effect("waits for five minutes", () =>
    Effect.gen(function* () {
      const { comesBack } = yield* loopback("s1")
      const came = yield* Effect.forkChild(Effect.flip(comesBack))
      yield* TestClock.adjust("5 minutes")
      expect(yield* Fiber.join(came)).toMatchObject({ exit: 3, code: "TIMEOUT" })
    })
  )
})
