import { request } from "node:http"
import { buffer } from "node:stream/consumers"
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { Gateway, GatewayInstance } from "../../src/index.ts"
import { NodeGateway } from "../../src/node.ts"

const long = JSON.stringify(Array.from({ length: 1_000 }, (_, i) => ({ id: i, name: `name ${i}` })))
const bytes = (text: string) => new TextEncoder().encode(text)
const json = "application/json"

const answers = {
  "/long": HttpServerResponse.text(long, { contentType: json, headers: { etag: '"7"' } }),
  "/public": HttpServerResponse.text(long, { contentType: json, headers: { "cache-control": "public, max-age=60" } }),
  "/short": HttpServerResponse.text("[1]", { contentType: json }),
  "/image": HttpServerResponse.uint8Array(new Uint8Array(10_000), { contentType: "image/png" }),
  "/packed": HttpServerResponse.uint8Array(bytes(long), { contentType: json, headers: { "content-encoding": "br" } }),
  "/as-it-is": HttpServerResponse.text(long, { contentType: json, headers: { "cache-control": "no-transform" } }),
  "/events": HttpServerResponse.stream(Stream.make(bytes("data: 1\n\n")), { contentType: "text/event-stream" }),
  "/page": HttpServerResponse.stream(Stream.make(bytes("<p>"), bytes("one")), { contentType: "text/html" })
} as const

interface Answer {
  readonly status: number
  readonly coding: string | undefined
  readonly vary: string | undefined
  readonly etag: string | undefined
  readonly length: string | undefined
  readonly body: Buffer
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Unlike `fetch`, this leaves the body packed. */
const ask = (url: string, { headers = {}, method = "GET" }: Asked = {}) =>
  Effect.callback<Answer>((resume) => {
    const sent = request(url, { method, headers: { "accept-encoding": "gzip", ...headers } }, async (response) => {
      const { "content-encoding": coding, "content-length": length, etag, vary } = response.headers
      const body = await buffer(response)
      resume(Effect.succeed({ status: response.statusCode ?? 0, coding, vary, etag, length, body }))
    })
    sent.end()
  })

const start = (flags: Readonly<Record<string, string>> = {}) => {
  const module = Gateway.module.define({
    id: "answers",
    displayName: "Answers",
    routes: Object.entries(answers).map(([path, answer]) => ({
      id: `route:${path.slice(1)}`,
      scope: "public" as const,
      auth: "public" as const,
      mountPath: `/${path.slice(1)}` as const,
      handle: Effect.succeed(answer)
    }))
  })
  const product = Gateway.make({ identity: { id: "answers", name: "Answers" }, modules: [module] })
  return Effect.map(
    Effect.provide(
      GatewayInstance.start(product, { settings: { flags: { "gate.port": "0", ...flags } } }),
      NodeGateway.layer
    ),
    ({ url }) => url
  )
}

describe("an answer", () => {
  it.live.each([
    { coding: "gzip", unpack: gunzipSync },
    { coding: "br", unpack: brotliDecompressSync },
    { coding: "zstd", unpack: zstdDecompressSync }
  ])("that is long is packed with $coding for who takes that", ({ coding, unpack }) =>
    Effect.gen(function* () {
      const answer = yield* ask(`${yield* start()}/long`, { headers: { "accept-encoding": coding } })
      expect(answer).toMatchObject({ coding, vary: "Accept-Encoding", length: String(answer.body.length) })
      expect(answer.body.length).toBeLessThan(long.length / 3)
      expect(unpack(answer.body).toString()).toBe(long)
    })
  )

  it.live("that is packed has a weak ETag, since it is not the same bytes for all", () =>
    Effect.gen(function* () {
      expect((yield* ask(`${yield* start()}/long`)).etag).toBe('W/"7"')
    })
  )

  it.live("that could be packed says that it depends on what the client takes", () =>
    Effect.gen(function* () {
      const answer = yield* ask(`${yield* start()}/long`, { headers: { "accept-encoding": "identity" } })
      expect(answer).toMatchObject({ coding: undefined, vary: "Accept-Encoding", etag: '"7"' })
      expect(answer.body.toString()).toBe(long)
    })
  )

  it.live.each(["/short", "/image", "/as-it-is", "/events"] as const)("like %s is sent as it is", (path) =>
    Effect.gen(function* () {
      const { coding, status, vary } = yield* ask((yield* start()) + path)
      expect({ coding, status, vary }).toEqual({ coding: undefined, status: 200, vary: undefined })
    })
  )

  it.live("that its handler packed is not packed again", () =>
    Effect.gen(function* () {
      const { body, coding } = yield* ask(`${yield* start()}/packed`)
      expect(coding).toBe("br")
      expect(body.toString()).toBe(long)
    })
  )

  it.live(
    "to a request with a cookie is not packed, since its length could tell what is in it, unless it is public",
    () =>
      Effect.gen(function* () {
        const url = yield* start()
        const headers = { cookie: "session=1" }
        expect((yield* ask(`${url}/long`, { headers })).coding).toBe(undefined)
        expect((yield* ask(`${url}/public`, { headers })).coding).toBe("gzip")
      })
  )

  it.live("to HEAD has the length of the body as it is, and no body", () =>
    Effect.gen(function* () {
      const answer = yield* ask(`${yield* start()}/long`, { method: "HEAD" })
      expect(answer).toMatchObject({ coding: undefined, vary: "Accept-Encoding", length: String(long.length) })
      expect(answer.body.length).toBe(0)
    })
  )

  it.live("that streams is packed as it comes", () =>
    Effect.gen(function* () {
      const { body, coding, length } = yield* ask(`${yield* start()}/page`)
      expect({ coding, length }).toEqual({ coding: "gzip", length: undefined })
      expect(gunzipSync(body).toString()).toBe("<p>one")
    })
  )

  it.live("is packed from the length that is set, or never", () =>
    Effect.gen(function* () {
      expect((yield* ask(`${yield* start({ "gate.compressFrom": "3" })}/short`)).coding).toBe("gzip")
      expect((yield* ask(`${yield* start({ "gate.compression": "false" })}/long`)).coding).toBe(undefined)
    })
  )

  it.live("sends each packed chunk on at once, before the next one is there", () =>
    Effect.gen(function* () {
      const chunks = yield* Queue.unbounded<Uint8Array>()
      const page = HttpServerResponse.stream(Stream.fromQueue(chunks), { contentType: "text/html" })
      const module = Gateway.module.define({
        id: "page",
        displayName: "Page",
        routes: [
          { id: "route:page", scope: "public", auth: "public", mountPath: "/page", handle: Effect.succeed(page) }
        ]
      })
      const product = Gateway.make({ identity: { id: "page", name: "Page" }, modules: [module] })
      const { url } = yield* Effect.provide(
        GatewayInstance.start(product, { settings: { flags: { "gate.port": "0" } } }),
        NodeGateway.layer
      )
      const response = yield* Effect.promise(() => fetch(`${url}/page`, { headers: { "accept-encoding": "gzip" } }))
      const reader = (response.body ?? new ReadableStream()).getReader()
      const read = Effect.map(
        Effect.promise(() => reader.read()),
        ({ value }) => new TextDecoder().decode(value)
      )
      yield* Queue.offer(chunks, bytes("one"))
      expect(yield* read).toBe("one")
      yield* Queue.offer(chunks, bytes("two"))
      expect(yield* read).toBe("two")
      expect(response.headers.get("content-encoding")).toBe("gzip")
      yield* Effect.promise(() => reader.cancel())
    })
  )
})
