import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"

/** Where a request came from, as far as it can be known. */
export interface RequestOrigin {
  /** Address of the client, as `gate.trustProxy` has it. */
  readonly address?: string | undefined
  readonly userAgent?: string | undefined
}

const of = (request: HttpServerRequest.HttpServerRequest): RequestOrigin => ({
  address: Option.getOrUndefined(request.remoteAddress),
  userAgent: request.headers["user-agent"]
})

/** Reads a {@link RequestOrigin} of a request. */
export const RequestOrigin = { of } as const
