import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Stream from "effect/Stream"
import { GateError } from "./GateError.ts"
import { waitFor } from "./internal/http/patience.ts"

/** How long a body may keep us waiting before anything of it counts, in milliseconds. */
const patience = 30_000

/** Bytes that make up for a millisecond of waiting: a kibibyte a second. */
const bytesPerMilli = 1.024

const tooSlow = GateError.make("TIMEOUT", "The body arrives too slowly.", {
  status: 408,
  headers: { connection: "close" }
})

const unread = GateError.make("INVALID_BODY", "The body could not be read to its end.")

/**
 * The request's body as it arrives, for routes with `longBody`. What is not read is not sent: a reader that takes its
 * time slows the client down and holds nothing in memory. Neither the limit of a body's length nor the time for a whole
 * request holds for it; but whoever sends less than a kibibyte a second while we wait gets `TIMEOUT` (408), after half a
 * minute of credit. A body that breaks off is `INVALID_BODY`.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { bodyStream } from "@portico/gate/http"
 * import * as Effect from "effect/Effect"
 * import * as HttpServerResponse from "effect/http/HttpServerResponse"
 * import * as Stream from "effect/Stream"
 *
 * const CountModule = Gateway.module.define({
 *   id: "count",
 *   displayName: "Count",
 *   routes: [
 *     {
 *       id: "route:count",
 *       scope: "public",
 *       auth: "public",
 *       mountPath: "/count",
 *       method: "POST",
 *       longBody: true,
 *       handle: Stream.runFold(bodyStream, () => 0, (sum, bytes) => sum + bytes.length).pipe(
 *         Effect.map((bytes) => HttpServerResponse.jsonUnsafe({ bytes }))
 *       )
 *     }
 *   ]
 * })
 * ```
 */
export const bodyStream: Stream.Stream<Uint8Array, GateError, HttpServerRequest.HttpServerRequest> = Stream.scoped(
  Stream.unwrap(
    Effect.map(HttpServerRequest.HttpServerRequest, (request) => {
      waitFor(request.source)
      return Stream.fromPull(
        Effect.map(Stream.toPull(Stream.mapError(request.stream, () => unread)), (pull) => {
          let left = patience
          return Effect.gen(function* () {
            const asked = yield* Clock.currentTimeMillis
            const pieces = yield* Effect.timeoutOrElse(pull, { duration: left, orElse: () => Effect.fail(tooSlow) })
            const waited = (yield* Clock.currentTimeMillis) - asked
            const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
            left = Math.min(patience, left - waited + bytes / bytesPerMilli)
            return left > 0 ? pieces : yield* tooSlow
          })
        })
      )
    })
  )
)
