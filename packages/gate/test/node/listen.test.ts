import { mkdtempSync, rmSync, statSync } from "node:fs"
import { createServer, request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { AccessRecord } from "../../src/index.ts"
import { GatewayInstance } from "../../src/index.ts"
import { NodeGateway } from "../../src/node.ts"
import { shop } from "../http/product.ts"
import { rawRequest } from "./rawSocket.ts"

const start = (flags: Readonly<Record<string, unknown>> = {}, records: Array<AccessRecord> = []) =>
  Effect.provide(
    GatewayInstance.start(shop, {
      settings: { flags: { "gate.port": "0", ...flags } },
      accessLog: (record) => records.push(record)
    }),
    NodeGateway.layer
  )

const statusAt = (url: string, headers: Record<string, string> = {}) =>
  Effect.promise(async () => (await fetch(url, { headers })).status)

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "gate-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const overSocket = (socketPath: string, path: string, token: string) =>
  Effect.callback<number>((resume) => {
    const headers = { host: "localhost", authorization: `Bearer ${token}` }
    request({ socketPath, path, headers }, (response) => {
      response.resume()
      resume(Effect.succeed(response.statusCode ?? 0))
    }).end()
  })

describe("listening", () => {
  it.live("is on both loopback addresses at one port", () =>
    Effect.gen(function* () {
      const { url } = yield* start()
      const { port } = new URL(url)
      expect(url).toBe(`http://localhost:${port}`)
      expect(yield* statusAt(`http://127.0.0.1:${port}/healthz`)).toBe(200)
      expect(yield* statusAt(`http://[::1]:${port}/healthz`)).toBe(200)
    })
  )

  it.live("fails with a report if the port is taken, and releases everything", () =>
    Effect.gen(function* () {
      const taken = yield* Effect.acquireRelease(
        Effect.callback<number>((resume) => {
          const server = createServer().listen(0, "127.0.0.1", () => {
            const address = server.address()
            resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
          })
        }),
        () => Effect.void
      )
      const error = yield* Effect.flip(start({ "gate.port": String(taken) }))
      expect(error.message).toContain(`cannot listen on localhost:${taken}: it is in use by another process`)
    })
  )

  it.live("serves internal routes on a socket of their own, which only its owner may use", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "internal.sock")
      const instance = yield* start({ "gate.internalListen": `unix:${path}` })
      expect(instance.internalUrl).toBe(`unix:${path}`)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      expect(yield* overSocket(path, "/gateway/v1/internal/plan", "root")).toBe(200)
      expect(yield* overSocket(path, "/gateway/v1/internal/plan", "ada")).toBe(403)
      expect(yield* overSocket(path, "/required", "ada")).toBe(404)
      const asked = yield* statusAt(`${instance.url}/gateway/v1/internal/plan`, { authorization: "Bearer root" })
      expect(asked).toBe(404)
    })
  )

  it.live("believes forwarded headers only from proxies that it was told to trust", () =>
    Effect.gen(function* () {
      const forwarded = { "x-forwarded-for": "203.0.113.7" }
      const doubtful: Array<AccessRecord> = []
      const first = yield* start({}, doubtful)
      yield* statusAt(`${first.url}/healthz`, forwarded)
      expect(doubtful[0]?.remote).not.toBe("203.0.113.7")
      const trusting: Array<AccessRecord> = []
      const second = yield* start({ "gate.trustProxy": ["loopback"] }, trusting)
      yield* statusAt(`${second.url}/healthz`, forwarded)
      expect(trusting[0]?.remote).toBe("203.0.113.7")
    })
  )

  it.live("closes connections that idle once it stops, and asks busy ones to close", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      const port = Number(new URL(instance.url).port)
      const idle = yield* Effect.forkChild(
        rawRequest({ port, pieces: ["GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"], untilClosed: true })
      )
      yield* statusAt(`${instance.url}/healthz`)
      yield* instance.stop
      const answer = yield* Fiber.join(idle)
      expect(answer.closed).toBe(true)
      const refused = yield* Effect.promise(() =>
        fetch(`${instance.url}/healthz`).then(
          () => "answered",
          () => "refused"
        )
      )
      expect(refused).toBe("refused")
    })
  )
})
