import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { Compression } from "effect/http/HttpPlatform"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"

/** What is run for each request. It never fails. */
export type HttpApp = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  never,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

/** Where to listen. The host `localhost` means both loopback addresses; port 0 takes a free one. */
export type ListenAddress =
  | { readonly _tag: "Tcp"; readonly host: string; readonly port: number }
  | { readonly _tag: "Unix"; readonly path: string }

/** Bounds against clients that send too much or too slowly. Bytes and milliseconds. */
export interface TransportLimits {
  readonly headerBytes: number
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly keepAliveTimeout: number
  /** Longest WebSocket message; a connection that sends a longer one is closed with 1009. */
  readonly frameBytes: number
}

/** The connection under an upgraded request, as far as effect's `Socket` does not show it. */
export interface Wire {
  /** Bytes that were written and that the operating system has not taken yet, because the peer does not read. */
  readonly pending: () => number
  /** Calls back when all that was written before has been taken, or the connection is gone. */
  readonly onFlushed: (resume: () => void) => void
  /** Ends the connection without waiting for anybody. */
  readonly cut: () => void
}

/** A server that accepts connections. It is closed with the scope in which it was opened. */
export interface Listening {
  /** The URL to reach it at, or `unix:/path`. */
  readonly url: string
  /** Refuses new connections and closes idle ones; requests that run go on. */
  readonly stopAccepting: Effect.Effect<void>
  /** Waits until no connection is open. */
  readonly closed: Effect.Effect<void>
  /** Ends the requests that still run and their connections. */
  readonly abort: Effect.Effect<void>
}

/** A listener that could not be opened. */
export class ListenError extends Data.TaggedError("ListenError")<{
  /** As it was asked for, for example `localhost:4000`. */
  readonly address: string
  /** One line, for example `the port is in use`. */
  readonly message: string
}> {}

/** How a product reaches the network. `@portico/gate/node` has the one for Node; tests use one in memory. */
export class HttpTransport extends Context.Service<
  HttpTransport,
  {
    readonly listen: (
      app: HttpApp,
      address: ListenAddress,
      limits: TransportLimits
    ) => Effect.Effect<Listening, ListenError, Scope.Scope>
    /** What is under a request that can be upgraded; `undefined` for a transport without WebSockets. */
    readonly wire: (request: HttpServerRequest.HttpServerRequest) => Wire | undefined
    /** What answers can be packed with; `undefined` for a transport that sends them as they are. */
    readonly compression: Effect.Effect<Compression | undefined>
  }
>()("@portico/gate/HttpTransport") {}
