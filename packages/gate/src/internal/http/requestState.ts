import * as Context from "effect/Context"
import type { PreResponseHandler } from "effect/http/HttpEffect"

/** What a server keeps for one request on behalf of effect/http. */
export interface RequestState {
  /** Has the last word on the answer. */
  preResponseHandler: PreResponseHandler | undefined
  loggerDisabled: boolean
}

// effect/http keeps what `HttpEffect.appendPreResponseHandler` registers under this key, which it does not export.
export const CurrentRequestState = Context.Service<RequestState>("effect/http/HttpEffect/CurrentRequestState")
