import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { crowd, drip, listen } from "./listening.ts"

const limits = { "gate.headersTimeout": "500", "gate.requestTimeout": "1000" }

/** Asks again and again, on new connections, until `fiber` is done. Gives the slowest answer, in milliseconds. */
const served = Effect.fnUntraced(function* (url: string, fiber: Fiber.Fiber<unknown>) {
  let slowest = 0
  while (fiber.pollUnsafe() === undefined) {
    const begun = performance.now()
    const { status } = yield* Effect.promise(() => fetch(`${url}/healthz`, { headers: { connection: "close" } }))
    expect(status).toBe(200)
    slowest = Math.max(slowest, performance.now() - begun)
  }
  return slowest
})

describe("abuse 39: clients that hold connections", () => {
  it.live(
    "2,000 that are idle are closed, those that never sent anything too, while others are served",
    () =>
      Effect.gen(function* () {
        const { port, url } = yield* listen(limits)
        const silent = crowd(port, 1_000, () => {})
        const halfway = crowd(port, 500, (socket) => socket.write("GET /healthz HTTP/1.1\r\nHost: localh"))
        const kept = crowd(port, 500, (socket) => socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        const all = yield* Effect.forkChild(Effect.all([silent, halfway, kept], { concurrency: "unbounded" }))
        expect(yield* served(url, all)).toBeLessThan(5_000)
        const [silentEnds, halfwayEnds, keptEnds] = yield* Fiber.join(all)
        for (const { text } of [...silentEnds, ...halfwayEnds]) expect(text).toMatch(/^HTTP\/1\.1 408 /)
        for (const { text } of keptEnds) expect(text).toMatch(/^HTTP\/1\.1 200 /)
        for (const { millis } of [...silentEnds, ...halfwayEnds, ...keptEnds]) expect(millis).toBeLessThan(15_000)
      }),
    60_000
  )

  it.live("a byte now and then does not buy time, neither for headers nor for a body", () =>
    Effect.gen(function* () {
      const { handled, port, url } = yield* listen(limits)
      const headers = crowd(port, 50, (socket) => {
        socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ")
        drip(socket, "abc", 20)
      })
      const bodies = crowd(port, 50, (socket) => {
        socket.write("POST /note HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
        drip(socket, "abc", 20)
      })
      const chunks = crowd(port, 50, (socket) => {
        socket.write("POST /note HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        drip(socket, "1\r\na\r\n", 20)
      })
      const all = yield* Effect.forkChild(Effect.all([headers, bodies, chunks], { concurrency: "unbounded" }))
      yield* served(url, all)
      for (const { millis, text } of (yield* Fiber.join(all)).flat()) {
        expect(text).toMatch(/^HTTP\/1\.1 408 /)
        expect(millis).toBeLessThan(10_000)
      }
      expect(handled).toEqual([])
    })
  )
})
