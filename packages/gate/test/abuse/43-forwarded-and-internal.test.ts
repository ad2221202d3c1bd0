import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { rawRequest } from "../node/rawSocket.ts"
import { listen } from "./listening.ts"

const get = (target: string, ...fields: ReadonlyArray<string>) =>
  `GET ${target} HTTP/1.1\r\n${["Host: localhost", "Authorization: Bearer root", ...fields].join("\r\n")}\r\n\r\n`

/** Spellings of an internal route that a router, a file system or a proxy may take for it. */
const spellings = [
  "/gateway/v1/internal/plan",
  "/GATEWAY/v1/internal/plan",
  "/gateway/v1/internal/plan/",
  "/gateway/v1/internal/",
  "//gateway/v1/internal/plan",
  "/gateway//v1/internal/plan",
  "/gateway/v1%2finternal/plan",
  "/gateway%2Fv1%2Finternal%2Fplan",
  "/gateway%252fv1%252finternal%252fplan",
  "/%67ateway/v1/internal/plan",
  "/x/../gateway/v1/internal/plan",
  "/x/%2e%2e/gateway/v1/internal/plan",
  "/./gateway/v1/internal/plan",
  "/gateway\\v1\\internal\\plan",
  "/gateway;a=b/v1/internal/plan",
  "http://localhost/gateway/v1/internal/plan",
  "http://localhost/gateway/v1/internal/../internal/plan"
]

/** Headers by which some proxy says where a request was meant to go. */
const rewrites = [
  "X-Original-URL: /gateway/v1/internal/plan",
  "X-Rewrite-URL: /gateway/v1/internal/plan",
  "X-Forwarded-Path: /gateway/v1/internal/plan",
  "X-Forwarded-Prefix: /gateway/v1/internal",
  "X-HTTP-Method-Override: POST"
]

describe("abuse 43: a client that says what only a proxy may say", () => {
  for (const target of spellings) {
    it.live(`finds no internal route on the public listener at ${target}`, () =>
      Effect.gen(function* () {
        const { port } = yield* listen({ "gate.internalListen": "127.0.0.1:0" })
        const answer = yield* rawRequest({ port, pieces: [get(target)] })
        expect(answer).toMatchObject({ status: 404, json: { error: { code: "NOT_FOUND" } } })
        expect(answer.body).not.toContain("hash")
      })
    )
  }

  for (const field of rewrites) {
    it.live(`is not sent elsewhere by ${field}`, () =>
      Effect.gen(function* () {
        const { port } = yield* listen({ "gate.internalListen": "127.0.0.1:0" })
        const answer = yield* rawRequest({ port, pieces: [get("/healthz", field)] })
        expect(answer).toMatchObject({ status: 200, json: { status: "live" } })
      })
    )
  }

  it.live("is still who and where it is", () =>
    Effect.gen(function* () {
      const { accessLog, port } = yield* listen()
      const spoofed = ["X-Forwarded-For: 203.0.113.7", "X-Real-IP: 203.0.113.7", "Forwarded: for=203.0.113.7"]
      yield* rawRequest({ port, pieces: [get("/meta", ...spoofed)] })
      expect(accessLog.map(({ remote }) => remote)).toEqual(["127.0.0.1"])
    })
  )

  it.live("does not choose the host by which it was asked, nor what the product calls itself", () =>
    Effect.gen(function* () {
      const { port, url } = yield* listen()
      const told = ["X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https", "X-Forwarded-Port: 443"]
      const meta = yield* rawRequest({ port, pieces: [get("/meta", ...told)] })
      expect(meta).toMatchObject({ status: 200, json: { issuer: url } })
      expect(meta.headers["strict-transport-security"]).toBeUndefined()
      const asked = `GET /meta HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\n\r\n`
      expect(yield* rawRequest({ port, pieces: [asked] })).toMatchObject({ status: 421 })
    })
  )

  it.live("is believed behind a proxy that is trusted as far as that says, and no further", () =>
    Effect.gen(function* () {
      const { accessLog, port } = yield* listen({ "gate.trustProxy": ["loopback"] })
      // The first was put in by the client, the second by the proxy, which saw the client's address.
      yield* rawRequest({ port, pieces: [get("/meta", "X-Forwarded-For: 10.0.0.1, 203.0.113.7")] })
      expect(accessLog.map(({ remote }) => remote)).toEqual(["203.0.113.7"])
    })
  )
})
