import { isPorticoError, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Socket from "effect/socket/Socket"
import { expectObject, type HttpOptions, send, tokenOf } from "../http.ts"

/** The constructor of web-standard WebSockets. */
export type WebSocketConstructor = new (url: string, protocols: Array<string>) => Socket.WebSocketLike

export const socketPath = "/gateway/v1/socket"

/** The subprotocol, and the token as a second one: a browser can set no header, and a query would end up in logs. */
const protocolsOf = (token: string | undefined): Array<string> => [
  "portico.rpc.v1",
  ...(token === undefined ? [] : [`portico.bearer.${Base64Url.encode(token)}`])
]

/** A socket that dials anew, with a fresh token, each time that it is read. */
export const dial = (options: HttpOptions, base: string, make: WebSocketConstructor) =>
  Socket.fromWebSocket(
    Effect.acquireRelease(
      Effect.map(
        Effect.tryPromise({
          try: () => tokenOf(options.token),
          catch: (cause) => new Socket.SocketError({ reason: new Socket.SocketOpenError({ kind: "Unknown", cause }) })
        }),
        (token) => new make(`${base.replace(/^http/, "ws")}${socketPath}`, protocolsOf(token))
      ),
      (socket) => Effect.sync(() => socket.close(1000))
    )
  )

/**
 * Why no socket could be opened: a handshake that is refused tells a page nothing, so the same address is asked without
 * one, with the same token.
 */
export const whyRefused = (options: HttpOptions, base: string): Effect.Effect<PorticoError> =>
  send(options, base, { method: "GET", path: socketPath }).pipe(
    Effect.flatMap((answer) =>
      answer.status === 426
        ? Effect.succeed(PorticoError.make("UNAVAILABLE", `${base} answers, but no socket to it could be opened.`))
        : Effect.flip(expectObject(answer))
    ),
    Effect.catch((error) => Effect.succeed(isPorticoError(error) ? error : noSocket(base)))
  )

const noSocket = (base: string): PorticoError =>
  PorticoError.make("UNAVAILABLE", `${base} did not answer as a Portico instance does.`)
