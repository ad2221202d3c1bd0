import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

/** Text that never changes while the instance runs, and is made when it is first asked for. */
export interface Fixed {
  readonly type: string
  /** Strong, without quotes. */
  readonly etag: () => string
  readonly headers?: Readonly<Record<string, string>>
  readonly text: Effect.Effect<string>
}

const gzip = (text: string): Effect.Effect<Uint8Array> =>
  Effect.promise(async () => {
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))
    return new Uint8Array(await new Response(stream).arrayBuffer())
  })

const accepts = (request: HttpServerRequest.HttpServerRequest): boolean =>
  /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i.test(
    request.headers["accept-encoding"] ?? ""
  )

/** Serves it packed where the client takes that, and not at all where the client has it already. */
export const serveFixed = (
  fixed: Fixed
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, HttpServerRequest.HttpServerRequest> => {
  const packed = Effect.runSync(Effect.cached(Effect.flatMap(fixed.text, gzip)))
  return Effect.gen(function* () {
    const etag = `"${fixed.etag()}"`
    const headers = { ...fixed.headers, etag, "cache-control": "no-cache", vary: "accept-encoding" }
    const request = yield* HttpServerRequest.HttpServerRequest
    if (request.headers["if-none-match"] === etag) return HttpServerResponse.empty({ status: 304, headers })
    if (!accepts(request)) {
      return HttpServerResponse.text(yield* fixed.text, { contentType: fixed.type, headers })
    }
    const encoded = { ...headers, "content-encoding": "gzip" }
    return HttpServerResponse.uint8Array(yield* packed, { contentType: fixed.type, headers: encoded })
  })
}
