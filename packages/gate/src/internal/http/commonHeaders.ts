import * as Headers from "effect/http/Headers"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"

type Response = HttpServerResponse.HttpServerResponse
type Fields = Readonly<Record<string, string>>

/** Headers of every answer, by what it answers and what it is. */
export interface CommonHeaders {
  /** JSON that answers a `POST` or the like. */
  readonly written: Fields
  /** JSON that answers a `GET` or `HEAD`. */
  readonly read: Fields
  readonly other: Fields
}

/**
 * Headers that every answer gets unless its handler sets them itself. Each costs about as much as routing the request,
 * so they are kept to where they do something: only reads are cached unless told otherwise (RFC 9111, section 3), and
 * only what a browser would show as a page has to be kept in bounds. Source: OWASP REST security cheat sheet.
 */
export const commonHeaders = (publicUrl: string | undefined): CommonHeaders => {
  const written = {
    "x-content-type-options": "nosniff",
    ...(publicUrl?.startsWith("https:") ? { "strict-transport-security": "max-age=31536000" } : {})
  }
  const read = { ...written, "cache-control": "no-store" }
  const page = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer"
  }
  return { written, read, other: { ...read, ...page } }
}

const headersPrototype: object = Object.getPrototypeOf(Headers.empty)

/** A fresh header map: the common ones under those of the answer. It is the caller's to add to. */
export const mergedHeaders = (common: CommonHeaders, method: string, response: Response): Record<string, string> => {
  const headers: Record<string, string> = Object.create(headersPrototype)
  copy(commonFor(common, method, response), headers)
  copy(response.headers, headers)
  return headers
}

const commonFor = (common: CommonHeaders, method: string, { body }: Response): Fields => {
  if (body._tag === "Empty" || body.contentType !== "application/json") return common.other
  return method === "GET" || method === "HEAD" ? common.read : common.written
}

const copy = (from: Fields, to: Record<string, string>): void => {
  for (const name of Object.keys(from)) {
    const value = from[name]
    if (value !== undefined) to[name] = value
  }
}

/**
 * `response` with just these headers. `HttpServerResponse.setHeaders` copies a header map three times, which is the
 * greater part of what an answer cost; so the answer is put together by hand.
 */
export const withHeaderMap = (response: Response, headers: Record<string, string>): Response => {
  const { body, cookies, status, statusText } = response
  const copied = Object.create(Object.getPrototypeOf(response))
  copied.status = status
  copied.statusText = statusText
  copied.cookies = cookies
  copied.body = body
  copied.headers = headers
  return copied
}
