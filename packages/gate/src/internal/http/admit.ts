import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { GateError } from "../../GateError.ts"
import type { Edge } from "./app.ts"
import { anyOrigin } from "./cors.ts"
import { couldBeInternal, isPlain } from "./pathGuard.ts"
import type { Match } from "./RouteTable.ts"

/** A request that no endpoint gets to see, or `undefined` in place of a failure for a plain answer. */
export type Refused = GateError | HttpServerResponse.HttpServerResponse

// RFC 6750, section 5.3: a credential in a URL ends up in logs and histories.
const credentialParams = ["access_token", "refresh_token", "id_token", "api_key", "apikey", "authorization", "bearer"]

/** Probes ask by address, so these two answer whatever name they were asked by. They tell nothing secret. */
const anyHost = new Set(["/healthz", "/readyz"])

const badPath = GateError.make(
  "INVALID_PATH",
  "The path must be written in its plain form: no empty, dot or encoded-slash segments."
)
const noHost = GateError.make("INVALID_BODY", "The Host header is missing.")
const twoHosts = GateError.make("INVALID_BODY", "There is more than one Host header.")
const credentialInQuery = GateError.make(
  "INVALID_PARAMS",
  "A credential in the query string is refused: send it in the Authorization header."
)

/** Checks what needs no handler, and finds the endpoint. */
export const admit = (edge: Edge, request: HttpServerRequest.HttpServerRequest): Match | Refused => {
  const { headers, method, url } = request
  const mark = url.indexOf("?")
  const path = mark === -1 ? url : url.slice(0, mark)
  const host = headers.host
  if (host === undefined || host === "") return noHost
  if (!edge.hostCheck(host) && !anyHost.has(path)) {
    // RFC 9112, section 3.2. No host's name holds a comma.
    if (host.includes(",")) return twoHosts
    return GateError.make("WRONG_HOST", "This server does not answer for that host name.", { details: { host } })
  }
  if (!isPlain(path)) return edge.hidesInternal && couldBeInternal(path) ? notFound : badPath
  const found = edge.table.find(method, url)
  if (found === undefined) return noRoute(edge, request, path)
  if (mark !== -1) {
    for (const name of credentialParams) if (name in found.searchParams) return credentialInQuery
  }
  const length = headers["content-length"]
  if (length !== undefined && Number(length) > edge.bodyLimit && !found.handler.longBody) {
    return tooLarge(edge.bodyLimit)
  }
  const coding = headers["content-encoding"]
  if (coding !== undefined && coding !== "identity") return packed
  return found
}

// Unpacked, a short body can be of any length.
const packed = GateError.make("UNSUPPORTED_MEDIA_TYPE", "A body with a Content-Encoding is not accepted.", {
  headers: { "accept-encoding": "identity" }
})

const notFound = GateError.make("NOT_FOUND")

const tooLarge = (limit: number): GateError =>
  GateError.make("PAYLOAD_TOO_LARGE", `The body may have at most ${limit} bytes.`, {
    details: { limit },
    headers: { connection: "close" }
  })

const noRoute = (edge: Edge, request: HttpServerRequest.HttpServerRequest, path: string): Refused => {
  const allowed = edge.table.allowed(path)
  if (allowed.length === 0) return notFound
  const allow = allowed.join(", ")
  if (request.method !== "OPTIONS") {
    return GateError.make("METHOD_NOT_ALLOWED", `This address takes ${allow}.`, { headers: { allow } })
  }
  const { origin, "access-control-request-method": asked, "access-control-request-headers": names } = request.headers
  const preflight =
    origin !== undefined && asked !== undefined
      ? (edge.cors?.preflight(origin, allowed, names) ?? openPreflight(edge, request, asked, allowed))
      : undefined
  return HttpServerResponse.empty({ status: 204, headers: preflight ?? { allow } })
}

/** The answer for pages of every origin, where the route that is asked for lets them. */
const openPreflight = (
  edge: Edge,
  { headers, url }: HttpServerRequest.HttpServerRequest,
  method: string,
  allowed: ReadonlyArray<string>
): Readonly<Record<string, string>> | undefined => {
  if (!allowed.includes(method) || edge.table.find(method, url)?.handler.info.cors !== "any") return undefined
  return anyOrigin.preflight("", allowed, headers["access-control-request-headers"])
}
