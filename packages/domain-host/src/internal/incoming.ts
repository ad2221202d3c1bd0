import type { HandlerRequest } from "@portico/domain"
import * as Context from "effect/Context"

/** A function that is called by its URL: the request on its way in, and a `Response` on its way out. */
export interface Incoming {
  readonly request: HandlerRequest
  /** Set where the function returned a `Response`; what the kernel carries is JSON. */
  response: Response | undefined
}

/**
 * Accompanies a call of the kernel, which knows no HTTP, from a function's URL to the function. Only the first
 * function on the way takes it.
 */
export const CurrentIncoming = Context.Reference<Incoming | undefined>("@portico/domain-host/CurrentIncoming", {
  defaultValue: () => undefined
})
