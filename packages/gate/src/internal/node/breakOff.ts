import type * as Http from "node:http"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"

/** Nothing may look complete that is not: an answer that has begun is cut off. */
export const breakOff = (response: Http.ServerResponse, cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  if (response.destroyed) return Effect.void
  if (response.headersSent) response.destroy()
  else response.writeHead(500).end()
  // An end that the server or the client wanted is nothing to look into.
  return Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logError("An answer could not be written.", cause)
}
