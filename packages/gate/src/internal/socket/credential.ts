import * as Base64Url from "effect/encoding/Base64Url"
import * as Headers from "effect/http/Headers"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Result from "effect/Result"

/** The WebSocket subprotocol that is spoken: effect/rpc's messages, a JSON text frame each. */
export const subprotocol = "portico.rpc.v1"

/**
 * What a subprotocol with a bearer token begins with; the token follows in base64url. A browser's `WebSocket` can set no
 * header but this one.
 */
export const bearerProtocol = "portico.bearer."

const offered = (headers: Headers.Headers): ReadonlyArray<string> =>
  (headers["sec-websocket-protocol"] ?? "").split(",").map((each) => each.trim())

/** Whether a client that offers subprotocols offers ours; one that offers none is taken at its word. */
export const offersOurs = (headers: Headers.Headers): boolean =>
  headers["sec-websocket-protocol"] === undefined || offered(headers).includes(subprotocol)

/** What is answered to the offered subprotocols. Never the one with the token. */
export const chosenProtocol = (protocols: ReadonlySet<string>): string | false =>
  protocols.has(subprotocol) ? subprotocol : false

const tokenIn = (headers: Headers.Headers): string | undefined => {
  const found = offered(headers).find((each) => each.startsWith(bearerProtocol))
  if (found === undefined) return undefined
  const token = Base64Url.decodeString(found.slice(bearerProtocol.length))
  return Result.isSuccess(token) ? token.success : undefined
}

/**
 * `request` as an `Authenticator` knows how to read it: with the token in the header for it, unless that is there. A page
 * of an origin that is let in without cookies has none.
 */
export const withCredential = (
  request: HttpServerRequest.HttpServerRequest,
  { cookies, requestId }: { readonly cookies: boolean; readonly requestId: string }
): HttpServerRequest.HttpServerRequest => {
  const token = request.headers.authorization === undefined ? tokenIn(request.headers) : undefined
  let headers = Headers.set(request.headers, "x-request-id", requestId)
  if (token !== undefined) headers = Headers.set(headers, "authorization", `Bearer ${token}`)
  return request.modify({ headers: cookies ? headers : Headers.remove(headers, "cookie") })
}

/** `request` as it would be with another token. */
export const withToken = (
  request: HttpServerRequest.HttpServerRequest,
  token: string
): HttpServerRequest.HttpServerRequest =>
  request.modify({ headers: Headers.set(request.headers, "authorization", `Bearer ${token}`) })
