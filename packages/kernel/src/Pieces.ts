import { itemsOf, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import { positionOf } from "./internal/changes/position.ts"
import { binaryResponse, type Guard, streamResponse, wireOf } from "./internal/http/stream.ts"
import type { CallAnswer } from "./Kernel.ts"

export { jsonItems } from "./internal/transfer/jsonItems.ts"

/** How an answer in pieces is sent. */
export interface PiecesOptions {
  /** The request's `Accept`: lines of JSON, unless it asks for events. */
  readonly accept: string | undefined
  /** Asked every few seconds, and before each item, whether it may go on; fails where it may not. */
  readonly guard: Guard
}

const wrong = PorticoError.make("DISPATCH_FAILED", "the callable gave something else than its contract says")

/**
 * An answer that comes in pieces as a response, as `POST /api/call` gives it, for modules that serve callables at URLs of
 * their own. Items are taken as the client reads them, and their last line says how they ended; what fails before the
 * first bytes fails this.
 */
export const piecesResponse = Effect.fnUntraced(function* (
  answer: CallAnswer,
  { accept, guard }: PiecesOptions
): Effect.fn.Return<HttpServerResponse.HttpServerResponse, unknown, Scope.Scope> {
  const { output = "stream", result } = answer
  const header = (response: HttpServerResponse.HttpServerResponse) =>
    HttpServerResponse.setHeader(response, "portico-output", output)
  if (output === "binary") return header((yield* binaryResponse(answer, guard)) ?? (yield* wrong))
  const items = itemsOf(result) ?? (yield* wrong)
  return header(streamResponse(items, { wire: wireOf(accept), guard, idOf: positionOf }))
})
