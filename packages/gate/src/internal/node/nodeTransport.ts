import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { ServeError } from "effect/http/HttpServerError"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import {
  type HttpApp,
  HttpTransport,
  type ListenAddress,
  ListenError,
  type Listening,
  type TransportLimits
} from "../../HttpTransport.ts"
import { showAddress } from "../runtime/listenAddress.ts"
import { nodeCompression } from "./nodeCompression.ts"
import { bindServer, type ListenOn, type NodeServer } from "./nodeServer.ts"
import { nodeWire } from "./nodeWire.ts"
import { removeStale, restrict } from "./unixSocket.ts"

const codeOf = ({ cause }: ServeError): string =>
  typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "it is in use by another process",
  EACCES: "this user may not (ports below 1024 need more rights)",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no such host",
  ENOENT: "the folder of the socket does not exist"
}

const listenError = (address: ListenAddress, error: ServeError): ListenError =>
  new ListenError({ address: showAddress(address), message: reasons[codeOf(error)] ?? String(error.cause) })

/** Where a machine without IPv6 says so. */
const noIpv6 = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"])

type Bind = (on: ListenOn) => Effect.Effect<NodeServer, ServeError, Scope.Scope>

/** Tries of a free port that is free on both loopback addresses. */
const portTries = 8

/** Binds in a scope of its own, so that a port that is free on one address only can be given back. */
const bindBoth = (bind: Bind, port: number, tries = portTries): ReturnType<typeof bindOnce> =>
  Effect.catchIf(
    bindOnce(bind, port),
    (error) => port === 0 && tries > 1 && codeOf(error) === "EADDRINUSE",
    () => bindBoth(bind, port, tries - 1)
  )

const bindOnce = (bind: Bind, port: number): Effect.Effect<ReadonlyArray<NodeServer>, ServeError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const scope = yield* Scope.fork(yield* Effect.scope)
      const both = Effect.gen(function* () {
        const four = yield* bind({ host: "127.0.0.1", port })
        const six = yield* bind({ host: "::1", port: four.port }).pipe(
          Effect.catchIf(
            (error) => noIpv6.has(codeOf(error)),
            () => Effect.succeed(undefined)
          )
        )
        return six === undefined ? [four] : [four, six]
      })
      return yield* restore(Scope.provide(both, scope)).pipe(
        Effect.onExit((exit) => (Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void))
      )
    })
  )

const urlOf = (address: ListenAddress, port: number): string => {
  if (address._tag === "Unix") return showAddress(address)
  const everywhere = address.host === "0.0.0.0" || address.host === "::"
  const shown = showAddress({ _tag: "Tcp", host: everywhere ? "localhost" : address.host, port })
  return `http://${shown}`
}

const bindAll = (
  bind: Bind,
  address: ListenAddress
): Effect.Effect<ReadonlyArray<NodeServer>, ServeError, Scope.Scope> => {
  if (address._tag === "Unix") {
    const { path } = address
    const one = Effect.map(bind({ path }), (server) => [server])
    return Effect.andThen(
      removeStale(path),
      Effect.tap(one, () => restrict(path))
    )
  }
  if (address.host === "localhost") return bindBoth(bind, address.port)
  return Effect.map(bind({ host: address.host, port: address.port }), (server) => [server])
}

const listen = Effect.fnUntraced(function* (app: HttpApp, address: ListenAddress, limits: TransportLimits) {
  const seed = (yield* Random.nextIntBetween(36 ** 5, 36 ** 6)).toString(36)
  let count = 0
  const nextId = () => `${seed}-raw-${(++count).toString(36)}`
  const servers = yield* bindAll((on) => bindServer(app, on, limits, nextId), address).pipe(
    Effect.mapError((error) => listenError(address, error))
  )
  const all = (each: (server: NodeServer) => Effect.Effect<void>) =>
    Effect.forEach(servers, each, { concurrency: "unbounded", discard: true })
  const listening: Listening = {
    url: urlOf(address, servers[0]?.port ?? 0),
    stopAccepting: all((server) => server.stopAccepting),
    closed: all((server) => server.closed),
    abort: all((server) => server.abort)
  }
  return listening
})

/** Listens with `node:http`, behind effect/http. */
export const nodeTransport: HttpTransport["Service"] = HttpTransport.of({
  listen,
  wire: nodeWire,
  compression: nodeCompression
})
