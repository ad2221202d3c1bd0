import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { rawRequest } from "../node/rawSocket.ts"
import { listen } from "./listening.ts"

const secret = "s3cr3t-0123456789"

const request = (line: string, fields: ReadonlyArray<string>, body = "") =>
  `${line} HTTP/1.1\r\n${["Host: localhost", "Connection: close", ...fields].join("\r\n")}\r\n\r\n${body}`

const post = (path: string, fields: ReadonlyArray<string>, body: string) =>
  request(`POST ${path}`, [...fields, `Content-Length: ${body.length}`], body)

const authorization = `Authorization: Bearer ${secret}`

/** Requests that hold a secret where clients put one, and that go wrong in all ways there are. */
const requests: ReadonlyArray<readonly [name: string, text: string]> = [
  ["a token that nobody knows", request("GET /required", [authorization])],
  ["a token where none is asked for", request("GET /healthz", [authorization])],
  ["a token in the query", request(`GET /required?access_token=${secret}`, [])],
  ["something else in the query", request(`GET /mine?code=${secret}`, [])],
  ["a cookie", request("GET /required", [`Cookie: session=${secret}`])],
  ["a body that is read", post("/note", [], secret)],
  ["a body that is not JSON", post("/echo", ["Content-Type: application/json"], `{"password":"${secret}"`)],
  ["a body of the wrong shape", post("/items", ["Content-Type: application/json"], `{"id":"${secret}"}`)],
  ["a body over the limit", post("/note", [authorization], secret.repeat(100_000))],
  ["a body that is packed", post("/note", ["Content-Encoding: gzip"], secret)],
  ["a wrong host", request("GET /mine", [authorization]).replace("localhost", "evil.example")],
  ["a length and chunks", request("POST /note", [authorization, "Content-Length: 5", "Transfer-Encoding: chunked"])],
  ["a header that is none", request("GET /mine", [authorization, `X:${secret}\n${secret}`])],
  ["headers over the limit", request("GET /mine", [authorization, `X: ${secret.repeat(2_000)}`])],
  ["a path that is nowhere", request("GET /nowhere", [authorization])],
  ["a method that is none", request("BREW /mine", [authorization])],
  ["a handler that fails", request("GET /odd", [authorization])],
  ["a route that needs an operator", request("GET /gateway/v1/internal/config", [authorization])]
]

describe("abuse 57: the log of a server that is attacked", () => {
  it.live("holds no secret that a client sent, whatever came of it", () =>
    Effect.gen(function* () {
      const { accessLog, log, port } = yield* listen({ "gate.bodyLimit": "100000" })
      for (const [name, text] of requests) {
        const { body, headers, status } = yield* rawRequest({ port, pieces: [text], untilClosed: true })
        expect(status, name).toBeGreaterThanOrEqual(200)
        // What is echoed would end up in the log of whoever asked.
        expect(`${body}${JSON.stringify(headers)}`, name).not.toContain(secret)
      }
      expect(accessLog.length).toBeGreaterThan(10)
      expect(JSON.stringify([accessLog, log])).not.toContain(secret)
    }).pipe(Effect.provideService(References.MinimumLogLevel, "All"))
  )
})
