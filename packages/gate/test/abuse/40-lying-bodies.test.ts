import { gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { rawRequest } from "../node/rawSocket.ts"
import { listen, untilClosed } from "./listening.ts"

const head = (...fields: ReadonlyArray<string>) =>
  `POST /note HTTP/1.1\r\n${["Host: localhost", ...fields].join("\r\n")}\r\n\r\n`

const chunk = (size: number) => `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`

describe("abuse 40: bodies that are not what they say", () => {
  it.live("chunks past the limit get 413, and are not gathered", () =>
    Effect.gen(function* () {
      const { handled, port } = yield* listen({ "gate.bodyLimit": "100000" })
      const before = process.memoryUsage().rss
      let written = 0
      // As much as it is let: the other side must stop reading, or close.
      const { text } = yield* untilClosed(port, (socket) => {
        socket.write(head("Transfer-Encoding: chunked"))
        const more = (): void => {
          while (written < 200_000_000 && !socket.destroyed) {
            written += 65_536
            if (!socket.write(chunk(65_536))) return
          }
          if (!socket.destroyed) socket.end("0\r\n\r\n")
        }
        socket.on("drain", more)
        more()
      })
      expect(text).toMatch(/^HTTP\/1\.1 413 /)
      expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
      expect(handled).toEqual([])
    })
  )

  it.live("a length past the limit gets 413 before anything is read", () =>
    Effect.gen(function* () {
      const { handled, port } = yield* listen()
      const answer = yield* rawRequest({ port, pieces: [head("Content-Length: 4194305")], untilClosed: true })
      expect(answer).toMatchObject({ status: 413, json: { error: { code: "PAYLOAD_TOO_LARGE" } } })
      expect(handled).toEqual([])
    })
  )

  it.live("a length that is longer than the body gets 408, and the handler nothing", () =>
    Effect.gen(function* () {
      const { handled, port } = yield* listen({ "gate.headersTimeout": "200", "gate.requestTimeout": "300" })
      const answer = yield* rawRequest({ port, pieces: [head("Content-Length: 10"), "abc"], untilClosed: true })
      expect(answer).toMatchObject({ status: 408, json: { error: { code: "TIMEOUT" } } })
      expect(handled).toEqual([])
    })
  )

  it.live("what is beyond a length that is shorter than the body is no request, and ends the connection", () =>
    Effect.gen(function* () {
      const { handled, port } = yield* listen()
      const { text } = yield* untilClosed(port, (socket) => socket.write(`${head("Content-Length: 3")}abc and more`))
      // The request before it is whole, so it may be answered first.
      expect(text).toMatch(/^(?:HTTP\/1\.1 200 .*)?HTTP\/1\.1 400 .*"INVALID_BODY"/s)
      expect(handled.filter((request) => request !== "POST /note abc")).toEqual([])
    })
  )

  it.live("what comes right behind a request that was answered takes nothing of the answer away", () =>
    Effect.gen(function* () {
      const { port } = yield* listen()
      // Node reads so many bytes at once: the request ends with the first read, and what follows comes with the next.
      const bytes = 65_536
      const length = bytes - head("Content-Length: 65000").length
      const request = `${head(`Content-Length: ${length}`)}${"x".repeat(length)}`
      expect(request.length).toBe(bytes)
      const { text } = yield* untilClosed(port, (socket) => socket.write(`${request}and more`))
      expect(text).toMatch(/^HTTP\/1\.1 200 .*HTTP\/1\.1 400 .*"INVALID_BODY"/s)
    })
  )

  // RFC 9112, sections 6.1 and 6.3: what two readers would cut in two different places (request smuggling).
  it.each([
    ["a length and chunks", ["Content-Length: 5", "Transfer-Encoding: chunked"]],
    ["chunks and a length", ["Transfer-Encoding: chunked", "Content-Length: 5"]],
    ["two lengths", ["Content-Length: 5", "Content-Length: 6"]],
    ["two lengths in one", ["Content-Length: 5, 5"]],
    ["a length with a sign", ["Content-Length: +5"]],
    ["a length in hexadecimal", ["Content-Length: 0x5"]],
    ["chunks that are not the last coding", ["Transfer-Encoding: chunked, identity"]],
    ["chunks by another name", ["Transfer-Encoding: xchunked"]],
    ["chunks after a tab", ["Transfer-Encoding:\tchunked", "Content-Length: 5"]],
    ["a name that ends with a space", ["Content-Length : 5"]]
  ])("%s: 400, and the connection ends", (_, fields) => {
    const smuggled = "0\r\n\r\nGET /note?smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
    const test = Effect.gen(function* () {
      const { handled, port } = yield* listen()
      const answer = yield* rawRequest({ port, pieces: [head(...fields), smuggled], untilClosed: true })
      expect(answer).toMatchObject({ status: 400, closed: true, json: { error: { code: "INVALID_BODY" } } })
      expect(handled).toEqual([])
    })
    return Effect.runPromise(Effect.scoped(test))
  })

  it.live("a bomb is not unpacked", () =>
    Effect.gen(function* () {
      const { handled, port } = yield* listen()
      const bomb = gzipSync(Buffer.alloc(50_000_000))
      const pieces = [head("Content-Encoding: gzip", `Content-Length: ${bomb.length}`), bomb]
      const answer = yield* rawRequest({ port, pieces })
      expect(answer).toMatchObject({ status: 415, json: { error: { code: "UNSUPPORTED_MEDIA_TYPE" } } })
      expect(handled).toEqual([])
    })
  )
})
