import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { GatewayInstance } from "../../src/index.ts"
import { NodeGateway } from "../../src/node.ts"
import { shop } from "../http/product.ts"
import { type RawRequest, rawRequest } from "./rawSocket.ts"

const start = (flags: Readonly<Record<string, string>> = {}) =>
  Effect.map(
    Effect.provide(
      GatewayInstance.start(shop, { settings: { flags: { "gate.port": "0", ...flags } } }),
      NodeGateway.layer
    ),
    (instance) => ({ instance, port: Number(new URL(instance.url).port) })
  )

const ask = (pieces: RawRequest["pieces"], untilClosed = false) =>
  Effect.flatMap(start(), ({ port }) => rawRequest({ port, pieces, untilClosed }))

interface Case {
  readonly name: string
  readonly pieces: ReadonlyArray<string | Uint8Array>
  readonly status: number
  readonly code: string
  readonly closes?: boolean
}

const host = "Host: localhost\r\n"
const chunk = (size: number) => `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`

const cases: ReadonlyArray<Case> = [
  {
    name: "bytes that are no HTTP",
    pieces: ["\u0016\u0003\u0001hello\r\n\r\n"],
    status: 400,
    code: "INVALID_BODY",
    closes: true
  },
  {
    name: "a request line without a version",
    pieces: ["GET /\r\n\r\n"],
    status: 400,
    code: "INVALID_BODY",
    closes: true
  },
  {
    name: "a header with a bare line feed",
    pieces: [`GET / HTTP/1.1\r\n${host}X: a\nb\r\n\r\n`],
    status: 400,
    code: "INVALID_BODY",
    closes: true
  },
  {
    name: "headers over the limit",
    pieces: [`GET / HTTP/1.1\r\n${host}X: ${"a".repeat(20_000)}\r\n\r\n`],
    status: 431,
    code: "LIMIT_EXCEEDED",
    closes: true
  },
  {
    name: "a path of 64 kB",
    pieces: [`GET /${"a".repeat(65_536)} HTTP/1.1\r\n${host}\r\n`],
    status: 431,
    code: "LIMIT_EXCEEDED",
    closes: true
  },
  {
    name: "both a length and chunks",
    pieces: [`POST /echo HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    status: 400,
    code: "INVALID_BODY",
    closes: true
  },
  {
    name: "two lengths",
    pieces: [`POST /echo HTTP/1.1\r\n${host}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`],
    status: 400,
    code: "INVALID_BODY",
    closes: true
  },
  {
    name: "a length that is no number",
    pieces: [`POST /echo HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`],
    status: 400,
    code: "INVALID_BODY",
    closes: true
  },
  {
    name: "a chunk that is none",
    pieces: [`POST /echo HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    status: 400,
    code: "INVALID_BODY",
    closes: true
  },
  { name: "no host", pieces: ["GET /healthz HTTP/1.1\r\n\r\n"], status: 400, code: "INVALID_BODY" },
  {
    name: "a host of somebody else",
    pieces: ["GET /meta HTTP/1.1\r\nHost: evil.example\r\n\r\n"],
    status: 421,
    code: "WRONG_HOST"
  },
  {
    name: "a target that names somebody else",
    pieces: [`GET http://evil.example/meta HTTP/1.1\r\n${host}\r\n`],
    status: 421,
    code: "WRONG_HOST"
  },
  {
    name: "two credentials, each of them good",
    pieces: [`GET /required HTTP/1.1\r\n${host}Authorization: Bearer ada\r\nAuthorization: Bearer root\r\n\r\n`],
    status: 401,
    code: "UNAUTHENTICATED"
  },
  {
    name: "an expectation that cannot be met",
    pieces: [`POST /echo HTTP/1.1\r\n${host}Expect: magic\r\nContent-Length: 0\r\n\r\n`],
    status: 417,
    code: "INVALID_BODY",
    closes: true
  },
  {
    name: "a length over the limit",
    pieces: [`POST /echo HTTP/1.1\r\n${host}Content-Length: 9999999\r\n\r\n`],
    status: 413,
    code: "PAYLOAD_TOO_LARGE",
    closes: true
  },
  {
    name: "chunks that go over the limit",
    pieces: [
      `POST /echo HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`,
      ...Array.from({ length: 70 }, () => chunk(65_536)),
      "0\r\n\r\n"
    ],
    status: 413,
    code: "PAYLOAD_TOO_LARGE"
  },
  {
    name: "a path with dot segments",
    pieces: [`GET /files/../healthz HTTP/1.1\r\n${host}\r\n`],
    status: 400,
    code: "INVALID_PATH"
  },
  {
    name: "a method that nobody knows",
    pieces: [`PROPFIND /echo HTTP/1.1\r\n${host}\r\n`],
    status: 405,
    code: "METHOD_NOT_ALLOWED"
  }
]

describe("a bad request over a bare socket", () => {
  for (const { closes = false, code, name, pieces, status } of cases) {
    it.live(`gets ${status} ${code} for ${name}`, () =>
      Effect.gen(function* () {
        const answer = yield* ask(pieces, closes)
        expect(answer.status).toBe(status)
        expect(answer.headers["content-type"]).toContain("application/json")
        expect(answer.json).toMatchObject({ error: { code, requestId: answer.headers["x-request-id"] } })
        expect(answer.closed).toBe(closes)
      })
    )
  }

  it.live("gets 408 in the same shape if its headers do not come in time", () =>
    Effect.gen(function* () {
      const { port } = yield* start({ "gate.headersTimeout": "200", "gate.requestTimeout": "400" })
      const answer = yield* rawRequest({ port, pieces: ["GET / HTTP/1.1\r\nHost: loc"], untilClosed: true })
      expect(answer.status).toBe(408)
      expect(answer.json).toMatchObject({ error: { code: "TIMEOUT" } })
      expect(answer.closed).toBe(true)
    })
  )

  it.live("gets 408 if its body does not come in time, while others are served", () =>
    Effect.gen(function* () {
      const { instance, port } = yield* start({ "gate.headersTimeout": "200", "gate.requestTimeout": "400" })
      const head = `POST /echo HTTP/1.1\r\n${host}Content-Length: 10\r\n\r\n1`
      const slow = yield* Effect.forkChild(
        Effect.forEach(
          Array.from({ length: 50 }, (_, index) => index),
          () => rawRequest({ port, pieces: [head], untilClosed: true }),
          { concurrency: "unbounded" }
        )
      )
      const other = yield* Effect.promise(() => fetch(new URL("/healthz", instance.url)))
      expect(other.status).toBe(200)
      const answers = yield* Fiber.join(slow)
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([408]))
    })
  )

  it.live("says 100 Continue only to a body that it will read", () =>
    Effect.gen(function* () {
      const { port } = yield* start()
      const head = `POST /echo HTTP/1.1\r\n${host}Expect: 100-continue\r\nContent-Length:`
      const welcome = yield* rawRequest({ port, pieces: [`${head} 2\r\n\r\n`, "42"] })
      expect(welcome.status).toBe(100)
      const refused = yield* rawRequest({ port, pieces: [`${head} 9999999\r\n\r\n`], untilClosed: true })
      expect(refused.status).toBe(413)
    })
  )
})
