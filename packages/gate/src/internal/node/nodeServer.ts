import type * as Http from "node:http"
import { createRequire } from "node:module"
import type { Socket } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { ServeError } from "effect/http/HttpServerError"
import * as Scope from "effect/Scope"
import type { HttpApp, TransportLimits } from "../../HttpTransport.ts"
import { endedWithin } from "../runtime/deadline.ts"
import { chosenProtocol } from "../socket/credential.ts"
import { breakOff } from "./breakOff.ts"
import { Outbox } from "./Outbox.ts"
import { answerParserErrors } from "./rawErrors.ts"
import { shortWay } from "./shortWay.ts"

// As an ES module `node:http` also loads undici, for its WebSocket; required, it does not.
const http: typeof Http = createRequire(import.meta.url)("node:http")

/** Milliseconds between two looks for connections that are over their time. */
const checkInterval = 1_000
/** Milliseconds that cut-off requests get to end by themselves. */
const abortGrace = 500
const maxHeaders = 200

/** One bound socket. */
export interface NodeServer {
  /** The port that it got, or 0 for a Unix socket. */
  readonly port: number
  readonly stopAccepting: Effect.Effect<void>
  readonly closed: Effect.Effect<void>
  readonly abort: Effect.Effect<void>
}

/** What Node's `listen` takes, as far as it is used here. */
export type ListenOn = { readonly host: string; readonly port: number } | { readonly path: string }

const create = (limits: TransportLimits): Http.Server => {
  const server = http.createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    connectionsCheckingInterval: checkInterval,
    // Of two Host or Authorization headers Node would drop one, and a proxy in front of us may go by that one.
    joinDuplicateHeaders: true,
    // A request without one is answered by the application, in its error shape.
    requireHostHeader: false
  })
  server.maxHeadersCount = maxHeaders
  return server
}

/** Binds one address. The scope closes it. */
export const bindServer = Effect.fnUntraced(function* (
  app: HttpApp,
  on: ListenOn,
  limits: TransportLimits,
  nextId: () => string
): Effect.fn.Return<NodeServer, ServeError, Scope.Scope> {
  const server = create(limits)
  const services = yield* Effect.context<never>()
  const outbox = new Outbox((response, defect) => {
    Effect.runForkWith(services)(breakOff(response, Cause.die(defect)))
  })
  answerParserErrors(server, outbox, nextId)
  const sockets = new Set<Socket>()
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  const closed = Effect.callback<void>((resume) => {
    if (!server.listening && sockets.size === 0) return resume(Effect.void)
    server.once("close", () => resume(Effect.void))
  })
  const bound = yield* NodeHttpServer.make(() => server, {
    ...on,
    disablePreemptiveShutdown: true,
    websocket: { maxPayload: limits.frameBytes, handleProtocols: chosenProtocol }
  })
  const requests = yield* Scope.fork(yield* Effect.scope)
  yield* Scope.provide(bound.serve(app), requests)
  // What effect/http listens with stays for upgrades, and for requests that only it can serve.
  const longWay = server.listeners("request")[0]
  server.removeAllListeners("request")
  server.on(
    "request",
    shortWay(app, services, requests, outbox, (...args) => longWay?.(...args))
  )
  const address = server.address()
  const cut = Effect.sync(() => {
    outbox.flush()
    for (const socket of sockets) socket.destroy()
  })
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    stopAccepting: Effect.sync(() => {
      // Whose answer is sent is idle from here on.
      outbox.flush()
      server.close()
      server.closeIdleConnections()
    }),
    closed,
    abort: Effect.andThen(endedWithin(Effect.uninterruptible(Scope.close(requests, Exit.void)), abortGrace), cut)
  }
})
