import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import type { Origin } from "../AuditEvent.ts"

/** Where a request comes from. */
export const originOf = (request: HttpServerRequest.HttpServerRequest): Origin => ({
  address: Option.getOrUndefined(request.remoteAddress),
  userAgent: request.headers["user-agent"]
})
