import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import { CurrentCaller } from "../../contracts/Caller.ts"
import { GateError } from "../../GateError.ts"
import { offersOurs, subprotocol } from "./credential.ts"
import { originOf } from "./origin.ts"
import type { SocketHub } from "./SocketHub.ts"

const foreign = GateError.make("PERMISSION_DENIED", "Pages of this origin may not open a socket.")
const hasQuery = GateError.make("INVALID_PARAMS", "A socket is opened without a query.")
const stopping = GateError.make("UNAVAILABLE", "The server is stopping.")
const noSockets = GateError.make("NOT_IMPLEMENTED", "This listener carries no sockets.")
const wrongProtocol = GateError.make("INVALID_PARAMS", `The subprotocol spoken here is ${subprotocol}.`)
const full = GateError.make("RATE_LIMITED", "This caller has as many sockets open as one may.")
const notUpgraded = GateError.make("INVALID_PARAMS", "A socket is opened with a WebSocket handshake.", {
  status: 426,
  headers: { upgrade: "websocket", connection: "Upgrade" }
})

const malformed = GateError.make("INVALID_PARAMS", "The WebSocket handshake is malformed.")

// RFC 6455, section 4.2.1: 16 bytes in base64, and the one version there is.
const isHandshake = (headers: Headers.Headers): boolean =>
  headers["sec-websocket-version"] === "13" && /^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? "")

/** Why a request does not become a socket. The order is that in which a client wants to know. */
const refusal = (
  hub: SocketHub,
  request: HttpServerRequest.HttpServerRequest,
  caller: string
): GateError | undefined => {
  const { headers, url } = request
  if (url.includes("?")) return hasQuery
  if (originOf(headers.origin, headers.host, hub.around.framework) === undefined) return foreign
  if (hub.isDraining) return stopping
  if (hub.isFull(caller)) return full
  if (headers.upgrade?.toLowerCase() !== "websocket") return notUpgraded
  if (!isHandshake(headers)) return malformed
  return offersOurs(headers) ? undefined : wrongProtocol
}

/** The runtime socket: answers the handshake, and ends when the socket is closed. */
export const acceptSocket = (hub: () => SocketHub) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { caller } = yield* CurrentCaller
    if (Option.isNone(caller)) return yield* GateError.make("UNAUTHENTICATED")
    const refused = refusal(hub(), request, caller.value.id)
    if (refused !== undefined) return yield* refused
    const wire = hub().wire(request)
    if (wire === undefined) return yield* noSockets
    const socket = yield* request.upgrade
    // However a connection ends, it has ended; the peer knows why from the close code.
    yield* Effect.ignore(hub().serve(request, caller.value, request.headers["x-request-id"] ?? "", wire, socket))
    return HttpServerResponse.empty({ status: 101 })
  })
