import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { startAnswers } from "./answers.ts"
import { rawRequest } from "./rawSocket.ts"

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

const ask = (path: string, init: RequestInit = {}) =>
  Effect.scoped(
    Effect.flatMap(startAnswers, ({ url }) =>
      Effect.promise(async (): Promise<Answer> => {
        const response = await fetch(url + path, init)
        return { status: response.status, headers: response.headers, text: await response.text() }
      })
    )
  )

describe("a request with a short body", () => {
  it.live.each([
    { path: "/text", text: "grüß dich" },
    { path: "/bytes", text: "raw bytes" },
    { path: "/stream", text: "one,two" },
    { path: "/readable", text: "from node" }
  ])("to $path is answered with all of it", ({ path, text }) =>
    Effect.gen(function* () {
      expect(yield* ask(path)).toMatchObject({ status: 200, text })
    })
  )

  it.live("is answered with all of a long stream, however slowly the client reads", () =>
    Effect.gen(function* () {
      expect((yield* ask("/large")).text.length).toBe(64 * 65_536)
    })
  )

  it.live("is answered with a form", () =>
    Effect.gen(function* () {
      const { headers, text } = yield* ask("/form")
      expect(headers.get("content-type")).toMatch(/^multipart\/form-data; boundary=/)
      expect(text).toContain("value")
    })
  )

  it.live.each([
    { what: "a mark of byte order", bytes: [0xef, 0xbb, 0xbf, 0x61] },
    { what: "two such marks", bytes: [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x61] },
    { what: "a character cut off", bytes: [0x61, 0xe2, 0x82] },
    { what: "bytes that are in no character", bytes: [0xff, 0x61, 0xc0, 0xaf] },
    { what: "half a pair", bytes: [0xed, 0xa0, 0x80, 0x62] },
    { what: "characters of every length", bytes: [...new TextEncoder().encode("aß€😀")] }
  ])("whose text has $what is read as browsers read it", ({ bytes }) =>
    Effect.gen(function* () {
      const body = new Uint8Array(bytes)
      const { text } = yield* ask("/said", { method: "POST", body })
      expect(JSON.parse(text)).toEqual({ text: new TextDecoder().decode(body) })
    })
  )

  it.live("gets each cookie in a field of its own", () =>
    Effect.gen(function* () {
      const { headers } = yield* ask("/cookies")
      expect(headers.getSetCookie()).toEqual(["a=1", "b=2", "own=0"])
    })
  )

  it.live("gets no length where there is no body", () =>
    Effect.gen(function* () {
      const { headers, status } = yield* ask("/none")
      expect(status).toBe(204)
      expect(headers.has("content-length")).toBe(false)
    })
  )

  it.live("that is a HEAD gets the head of the answer and no body", () =>
    Effect.gen(function* () {
      const { headers, text } = yield* ask("/text", { method: "HEAD" })
      expect(headers.get("content-length")).toBe("11")
      expect(text).toBe("")
    })
  )

  it.live("leaves the last word to what the handler registered for it", () =>
    Effect.gen(function* () {
      expect((yield* ask("/last-word")).headers.get("x-last")).toBe("word")
    })
  )

  it.live.each([
    { path: "/broken", what: "the answer's stream fails" },
    { path: "/too-short", what: "the answer's stream is not as long as its head says" },
    { path: "/too-short-text", what: "the answer is not as long as its head says" }
  ])("is cut off where $what, so that half of it does not look whole", ({ path }) =>
    Effect.gen(function* () {
      const { port } = yield* startAnswers
      const answer = yield* rawRequest({
        port,
        pieces: [`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
        untilClosed: true
      })
      expect(answer.closed).toBe(true)
      expect(answer.body).not.toMatch(/0\r\n\r\n$/)
    })
  )

  it.live("gets a 500 where Node refuses the answer's head", () =>
    Effect.gen(function* () {
      expect((yield* ask("/wrong-head")).status).toBe(500)
    })
  )

  it.live.each([
    { what: "of a known length", head: "Content-Length: 7\r\n\r\n", body: '{"a":1}' },
    { what: "that comes later", head: "Content-Length: 7\r\n\r\n", body: '{"a":1}', later: true },
    { what: "in chunks", head: "Transfer-Encoding: chunked\r\n\r\n", body: '7\r\n{"a":1}\r\n0\r\n\r\n' }
  ])("can be read more than once: a body $what", ({ body, head, later = false }) =>
    Effect.gen(function* () {
      const { port } = yield* startAnswers
      const start = `POST /twice HTTP/1.1\r\nHost: localhost\r\n${head}`
      const { json } = yield* rawRequest({ port, pieces: later ? [start, ...body] : [start + body] })
      expect(json).toEqual({ json: { a: 1 }, text: '{"a":1}' })
    })
  )

  it.live("can be read as a stream, or as the fields of a form", () =>
    Effect.gen(function* () {
      expect((yield* ask("/streamed", { method: "POST", body: "streamed" })).text).toBe("streamed")
      const body = new URLSearchParams({ name: "value" })
      expect((yield* ask("/fields", { method: "POST", body })).text).toContain('"name":"value"')
    })
  )

  it.live("is answered before its body has come, and the connection stays open for the next", () =>
    Effect.gen(function* () {
      const { port } = yield* startAnswers
      const head = "POST /unread HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"
      const answer = yield* rawRequest({ port, pieces: [head] })
      expect(answer).toMatchObject({ status: 200, body: "did not look", closed: false })
    })
  )

  it.live("is answered in its place, however many come at once", () =>
    Effect.gen(function* () {
      const { port } = yield* startAnswers
      const numbers = Array.from({ length: 100 }, (_, i) => String(i))
      const close = (number: string) => (number === numbers.at(-1) ? "Connection: close\r\n" : "")
      const pieces = numbers.map(
        (number) =>
          `POST /said HTTP/1.1\r\nHost: localhost\r\n${close(number)}Content-Length: ${number.length}\r\n\r\n${number}`
      )
      const { body } = yield* rawRequest({ port, pieces: [pieces.join("")], untilClosed: true })
      expect([...body.matchAll(/\{"text":"(\d+)"\}/g)].map(([, number]) => number)).toEqual(numbers)
    })
  )

  it.live("is interrupted when its client goes away", () =>
    Effect.gen(function* () {
      const { begun, gone, url } = yield* startAnswers
      const controller = new AbortController()
      const answer = fetch(`${url}/hang`, { signal: controller.signal }).catch(() => "aborted")
      yield* Deferred.await(begun)
      controller.abort()
      yield* Deferred.await(gone)
      expect(yield* Effect.promise(() => answer)).toBe("aborted")
    })
  )
})
