import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { ErrorBody, HttpFailure } from "../../GateError.ts"

/** The one error shape. Details that are not JSON are left out rather than failing the answer. */
export const errorBody = (failure: HttpFailure, requestId: string): ErrorBody => ({
  error: {
    code: failure.code,
    message: failure.message,
    ...(failure.details === undefined ? {} : { details: failure.details }),
    requestId
  }
})

/** Seconds after which a client may ask again, where the failure does not say it itself. */
const retryAfter: Readonly<Record<number, string>> = { 429: "1", 503: "2" }

/** Headers that an error's status asks for. */
export const errorHeaders = (failure: HttpFailure): Record<string, string> => {
  const headers: Record<string, string> = {}
  const wait = retryAfter[failure.status]
  if (wait !== undefined) headers["retry-after"] = wait
  if (failure.status === 401) headers["www-authenticate"] = "Bearer"
  return failure.headers === undefined ? headers : Object.assign(headers, failure.headers)
}

/** A failure as an answer. */
export const errorResponse = (failure: HttpFailure, requestId: string): HttpServerResponse.HttpServerResponse => {
  const options = { status: failure.status, headers: errorHeaders(failure) }
  try {
    return HttpServerResponse.jsonUnsafe(errorBody(failure, requestId), options)
  } catch {
    const { details: _, ...bare } = errorBody(failure, requestId).error
    return HttpServerResponse.jsonUnsafe({ error: bare }, options)
  }
}
