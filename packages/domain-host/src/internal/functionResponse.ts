import type { HttpFailure } from "@portico/gate"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { FunctionRefusal } from "./functionMatch.ts"

/** On everything below `/d/`: a page from there runs no script and has no origin. */
export const sandbox = { "content-security-policy": "sandbox" } as const

/** What a domain may not say on behalf of the instance's origin, and what is about the connection. */
const forbidden = [
  "set-cookie",
  "set-cookie2",
  "clear-site-data",
  "strict-transport-security",
  "service-worker-allowed",
  "access-control-allow-credentials",
  "content-security-policy",
  "content-security-policy-report-only",
  "www-authenticate",
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade"
]

/** `{ result }`. */
export const enveloped = (result: unknown): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.jsonUnsafe({ result }, { headers: sandbox })

/** What streams, with the sandbox around it too. */
export const asPieces = (response: HttpServerResponse.HttpServerResponse): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.setHeaders(response, sandbox)

/** A function's own `Response`, as far as it may speak for the instance. */
export const asGiven = (response: Response): HttpServerResponse.HttpServerResponse => {
  const headers = new Headers(response.headers)
  for (const name of forbidden) headers.delete(name)
  const { status, statusText } = response
  const allowed = new Response(response.body, { status, statusText, headers })
  return HttpServerResponse.setHeaders(HttpServerResponse.fromWeb(allowed), sandbox)
}

/** A failure with the sandbox around its answer too. */
export const sandboxed = (failure: HttpFailure): HttpFailure => ({
  code: failure.code,
  status: failure.status,
  message: failure.message,
  details: failure.details,
  headers: { ...failure.headers, ...sandbox }
})

export const refusalOf = ({ allow, error }: FunctionRefusal): HttpFailure => ({
  code: error.code,
  status: error.status,
  message: error.message,
  details: error.details,
  ...(allow === undefined ? undefined : { headers: { allow } })
})
