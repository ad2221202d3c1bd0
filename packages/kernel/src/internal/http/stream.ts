import { isPorticoError, itemsOf, PorticoError } from "@portico/schema"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CallAnswer } from "../../Kernel.ts"

/** How a stream is written: lines of JSON, or server-sent events. */
export type Wire = "ndjson" | "sse"

/** What the client asked for by `Accept`; lines of JSON unless it names events. */
export const wireOf = (accept: string | undefined): Wire =>
  accept !== undefined && /(?:^|,)\s*text\/event-stream\s*(?:;|,|$)/i.test(accept) ? "sse" : "ndjson"

/** Asks now and then, and before each item, whether the stream may go on; fails where it may not. */
export type Guard = Effect.Effect<void, { readonly code: string; readonly message: string }>

export interface StreamOptions {
  readonly wire: Wire
  readonly guard: Guard
  /** The id of an item, from which a client that lost its connection goes on. Events have it, lines do not. */
  readonly idOf?: (item: unknown) => string | undefined
}

/** How often a stream shows that it lives, and is asked whether it may. */
const heartbeat = "5 seconds"

interface Frames {
  readonly type: string
  readonly item: (text: string, id: string | undefined) => string
  readonly error: (text: string) => string
  readonly end: string
  readonly beat: string
}

const frames: Readonly<Record<Wire, Frames>> = {
  ndjson: {
    type: "application/x-ndjson",
    item: (text) => `{"item":${text}}\n`,
    error: (text) => `{"error":${text}}\n`,
    end: '{"end":true}\n',
    beat: "\n"
  },
  sse: {
    type: "text/event-stream",
    item: (text, id) => `${id === undefined ? "" : `id: ${id}\n`}data: ${text}\n\n`,
    error: (text) => `event: error\ndata: ${text}\n\n`,
    end: "event: end\ndata: {}\n\n",
    beat: ":\n\n"
  }
}

const failed = PorticoError.make("INTERNAL", "the stream failed")

/** What a stream ended with, as its last line. */
const errorText = (cause: Cause.Cause<unknown>): Effect.Effect<string> => {
  const error = Cause.squash(cause)
  if (isPorticoError(error)) return Effect.succeed(JSON.stringify(error))
  if (typeof error === "object" && error !== null && "code" in error && "message" in error) {
    return Effect.succeed(JSON.stringify({ code: error.code, message: error.message }))
  }
  return Effect.as(Effect.logError("A stream failed that should not have.", cause), JSON.stringify(failed))
}

const headers = { "cache-control": "no-store", "x-accel-buffering": "no" }

/**
 * A stream as a response. That it ended, or failed, is its last line: a response without one was cut. Items are taken as
 * the client reads them, but for the one that waits to be written.
 */
export const streamResponse = (
  items: Stream.Stream<unknown, unknown>,
  { guard, idOf, wire }: StreamOptions
): HttpServerResponse.HttpServerResponse => {
  const frame = frames[wire]
  const written = Stream.mapEffect(items, (item) =>
    Effect.as(guard, frame.item(JSON.stringify(item ?? null), idOf?.(item)))
  )
  // The first one goes out at once, with the head of the response.
  const beats = Stream.mapEffect(Stream.tick(heartbeat), () => Effect.as(guard, frame.beat))
  const body = Stream.concat(written, Stream.succeed(frame.end)).pipe(
    Stream.merge(beats, { haltStrategy: "left" }),
    Stream.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Stream.empty
        : Stream.fromEffect(Effect.map(errorText(cause), (text) => frame.error(text)))
    )
  )
  return HttpServerResponse.stream(Stream.encodeText(body), { contentType: frame.type, headers })
}

const asBytes = (piece: unknown): Uint8Array => {
  if (piece instanceof Uint8Array) return piece
  throw PorticoError.make("DISPATCH_FAILED", "a binary result gave something that is not bytes")
}

/**
 * Bytes as a response. What fails before the first of them is an answer like any other; one that is cut later ends the
 * connection, since bytes have no place for an error.
 */
export const binaryResponse = (
  { outputType = "application/octet-stream", result }: Pick<CallAnswer, "outputType" | "result">,
  guard: Guard
): Effect.Effect<HttpServerResponse.HttpServerResponse | undefined, unknown, Scope.Scope> => {
  const options = { contentType: outputType, headers: { "cache-control": "no-store" } }
  if (result instanceof Uint8Array) return Effect.succeed(HttpServerResponse.uint8Array(result, options))
  const items = itemsOf(result)
  if (items === undefined) return Effect.succeed(undefined)
  const bytes = Stream.mapEffect(items, (piece) => Effect.as(guard, asBytes(piece)))
  return Effect.gen(function* () {
    const pull = yield* Stream.toPull(bytes)
    const first = yield* Effect.catchIf(pull, Cause.isDone, () => Effect.succeed(undefined))
    if (first === undefined) return HttpServerResponse.uint8Array(new Uint8Array(0), options)
    const rest = Stream.fromPull(Effect.succeed(pull))
    return HttpServerResponse.stream(Stream.concat(Stream.fromIterable(first), rest), options)
  })
}
