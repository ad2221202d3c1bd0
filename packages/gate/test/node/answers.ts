import { Readable } from "node:stream"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"
import { Gateway, GatewayInstance } from "../../src/index.ts"
import { NodeGateway } from "../../src/node.ts"

const request = HttpServerRequest.HttpServerRequest
const bytes = (text: string) => new TextEncoder().encode(text)

/** What handlers can answer with, by path. */
const answers = {
  "/text": Effect.succeed(HttpServerResponse.text("grüß dich")),
  "/bytes": Effect.succeed(HttpServerResponse.uint8Array(bytes("raw bytes"), { contentType: "text/plain" })),
  "/none": Effect.succeed(HttpServerResponse.empty({ status: 204, headers: { "content-length": "3" } })),
  "/stream": Effect.succeed(HttpServerResponse.stream(Stream.make(bytes("one,"), bytes("two")))),
  "/large": Effect.succeed(HttpServerResponse.stream(Stream.fromIterable(Array(64).fill(new Uint8Array(65_536))))),
  "/readable": Effect.sync(() => HttpServerResponse.raw(Readable.from([bytes("from "), bytes("node")]))),
  "/form": Effect.sync(() => {
    const form = new FormData()
    form.set("name", "value")
    return HttpServerResponse.formData(form)
  }),
  "/cookies": Effect.succeed(
    HttpServerResponse.text("", { headers: { "set-cookie": "own=0" } }).pipe(
      HttpServerResponse.setCookieUnsafe("a", "1"),
      HttpServerResponse.setCookieUnsafe("b", "2")
    )
  ),
  "/broken": Effect.succeed(
    HttpServerResponse.stream(Stream.concat(Stream.make(bytes("half")), Stream.fail("the disk is gone")))
  ),
  "/too-short": Effect.succeed(HttpServerResponse.stream(Stream.make(bytes("half")), { contentLength: 8 })),
  "/too-short-text": Effect.succeed(
    HttpServerResponse.setHeader(HttpServerResponse.text("half"), "content-length", "8")
  ),
  "/wrong-head": Effect.succeed(HttpServerResponse.text("ok", { headers: { "x-bad": "a\nb" } })),
  "/last-word": Effect.as(
    HttpEffect.appendPreResponseHandler((_, response) =>
      Effect.succeed(HttpServerResponse.setHeader(response, "x-last", "word"))
    ),
    HttpServerResponse.text("said")
  ),
  "/twice": Effect.gen(function* () {
    const { json, text } = yield* request
    return HttpServerResponse.jsonUnsafe({ json: yield* json, text: yield* text })
  }),
  "/streamed": Effect.map(
    Effect.flatMap(request, ({ stream }) => Stream.mkString(Stream.decodeText(stream))),
    (text) => HttpServerResponse.text(text)
  ),
  "/fields": Effect.map(
    Effect.flatMap(request, ({ urlParamsBody }) => urlParamsBody),
    (fields) => HttpServerResponse.jsonUnsafe(fields)
  ),
  "/said": Effect.map(
    Effect.flatMap(request, ({ text }) => text),
    (text) => HttpServerResponse.jsonUnsafe({ text })
  ),
  "/unread": Effect.succeed(HttpServerResponse.text("did not look"))
} as const

/** A product with a route for each of them, and one that hangs until its client goes away: `gone` then. */
export const startAnswers = Effect.gen(function* () {
  const gone = yield* Deferred.make<void>()
  const begun = yield* Deferred.make<void>()
  const hang = Effect.onInterrupt(Effect.andThen(Deferred.succeed(begun, undefined), Effect.never), () =>
    Deferred.succeed(gone, undefined)
  )
  const module = Gateway.module.define({
    id: "answers",
    displayName: "Answers",
    routes: Object.entries({ ...answers, "/hang": hang }).map(([path, handle]) => ({
      id: `route:${path.slice(1)}`,
      scope: "public" as const,
      auth: "public" as const,
      mountPath: `/${path.slice(1)}` as const,
      method: "*" as const,
      handle
    }))
  })
  const product = Gateway.make({ identity: { id: "answers", name: "Answers" }, modules: [module] })
  const instance = yield* Effect.provide(
    GatewayInstance.start(product, { settings: { flags: { "gate.port": "0" } } }),
    NodeGateway.layer
  )
  return { url: instance.url, port: Number(new URL(instance.url).port), begun, gone }
})
