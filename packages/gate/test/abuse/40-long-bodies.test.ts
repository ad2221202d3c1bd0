import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { bodyStream } from "../../src/http.ts"
import { listen, untilClosed } from "./listening.ts"
import { CountModule } from "./longBodies.ts"

const head = (path: string, ...fields: ReadonlyArray<string>) =>
  `POST ${path} HTTP/1.1\r\n${["Host: localhost", "Connection: close", ...fields].join("\r\n")}\r\n\r\n`

/** A body of this many bytes, as fast as it is taken. */
const bodyOf = (size: number) => new Blob(Array.from({ length: size / 65_536 }, () => new Uint8Array(65_536)))

describe("abuse 40: bodies that are read as they arrive", () => {
  it.live("are of any length, and of any time, as long as they go on arriving", () =>
    Effect.gen(function* () {
      const { port, url } = yield* listen(
        { "gate.bodyLimit": "100000", "gate.headersTimeout": "300", "gate.requestTimeout": "400" },
        [CountModule]
      )
      const long = yield* Effect.promise(() => fetch(`${url}/count`, { method: "POST", body: bodyOf(16_777_216) }))
      expect([long.status, yield* Effect.promise(() => long.json())]).toEqual([200, { bytes: 16_777_216 }])
      // Node looks once a second for requests that are over their time.
      const { millis, text } = yield* untilClosed(port, (socket) => {
        socket.write(head("/count", "Content-Length: 300"))
        let sent = 0
        const timer = setInterval(() => {
          socket.write("x".repeat(10))
          sent += 10
          if (sent === 300) clearInterval(timer)
        }, 100)
      })
      expect(text).toMatch(/^HTTP\/1\.1 200 .*\{"bytes":300\}$/s)
      expect(millis).toBeGreaterThan(2_500)
      const other = yield* Effect.promise(() => fetch(`${url}/note`, { method: "POST", body: bodyOf(131_072) }))
      expect(other.status).toBe(413)
    })
  )

  it.live("get an answer also where the rest of them is not wanted", () =>
    Effect.gen(function* () {
      const { url } = yield* listen({}, [CountModule])
      for (const size of [131_072, 33_554_432]) {
        const response = yield* Effect.promise(() => fetch(`${url}/half`, { method: "POST", body: bodyOf(size) }))
        expect([size, response.status, yield* Effect.promise(() => response.json())]).toEqual([
          size,
          200,
          { enough: true }
        ])
      }
    })
  )
})

describe("abuse 39: a body that drips", () => {
  const request = (stream: Stream.Stream<Uint8Array>) =>
    // Boundary: what is asked of a request here.
    ({ source: {}, stream }) as unknown as HttpServerRequest.HttpServerRequest

  it.effect("is given up after half a minute of less than a kibibyte a second", () =>
    Effect.gen(function* () {
      const read = (bytes: number) =>
        Stream.fromSchedule(Schedule.spaced("1 second")).pipe(
          Stream.take(120),
          Stream.map(() => new Uint8Array(bytes)),
          (stream) =>
            Effect.provideService(Stream.runDrain(bodyStream), HttpServerRequest.HttpServerRequest, request(stream)),
          Effect.result
        )
      const drip = yield* Effect.forkChild(read(1), { startImmediately: true })
      const flow = yield* Effect.forkChild(read(2_048), { startImmediately: true })
      yield* TestClock.adjust("2 minutes")
      expect(yield* Fiber.join(drip)).toMatchObject({ _tag: "Failure", failure: { code: "TIMEOUT", status: 408 } })
      expect(yield* Fiber.join(flow)).toMatchObject({ _tag: "Success" })
    })
  )
})
