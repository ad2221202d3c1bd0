import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import type { StartOptions } from "../../GatewayInstance.ts"
import { HttpTransport, type ListenAddress, ListenError, type Listening } from "../../HttpTransport.ts"
import { type Edge, makeApp } from "../http/app.ts"
import { commonHeaders } from "../http/commonHeaders.ts"
import { makeCors } from "../http/cors.ts"
import { makeHostCheck } from "../http/hosts.ts"
import { makePacking } from "../http/packing.ts"
import { RouteTable } from "../http/RouteTable.ts"
import { makeRequestIds } from "../http/requestId.ts"
import { trustProxies } from "../http/trustProxy.ts"
import type { InstanceCore } from "./InstanceCore.ts"
import { parseListen } from "./listenAddress.ts"

/** The servers of an instance. */
export interface Listeners {
  readonly url: string
  readonly internalUrl: string
  readonly all: ReadonlyArray<Listening>
  /** Closes what is left of them. */
  readonly close: Effect.Effect<void>
}

/** Paths that answer on every listener. */
const everywhere = new Set(["/healthz", "/readyz"])

const tableOf = (core: InstanceCore, listener: "both" | "public" | "internal"): RouteTable => {
  const served = core.endpoints.filter(
    ({ info: { path, scope } }) => listener === "both" || scope === listener || everywhere.has(path)
  )
  return new RouteTable(served)
}

const edgeOf = Effect.fnUntraced(function* (core: InstanceCore, options: StartOptions) {
  const { accessLog, allowedHosts, bodyLimit, compression, compressFrom, corsOrigins, host, publicUrl } =
    core.around.framework
  const seed = (yield* Random.nextIntBetween(36 ** 5, 36 ** 6)).toString(36)
  const packer = yield* (yield* HttpTransport).compression
  const common: Omit<Edge, "table" | "hidesInternal"> = {
    requestIds: makeRequestIds(seed),
    hostCheck: makeHostCheck({ publicUrl, allowedHosts, listenHost: host }),
    bodyLimit,
    headers: commonHeaders(publicUrl),
    cors: makeCors(corsOrigins),
    packing: compression && packer !== undefined ? makePacking(packer, compressFrom) : undefined,
    traffic: core.traffic,
    now: () => performance.now(),
    authenticator: () => core.authenticator(),
    requestLimits: () => core.requestLimits(),
    accessLog: accessLog ? options.accessLog : undefined,
    signals: core.around.observer.signals
  }
  return common
})

/** Binds the public listener, and the internal one if it has an address of its own. */
export const openListeners = Effect.fnUntraced(function* (core: InstanceCore, options: StartOptions) {
  const transport = yield* HttpTransport
  const { framework } = core.around
  const common = yield* edgeOf(core, options)
  const limits = {
    headerBytes: framework.headerLimit,
    headersTimeout: framework.headersTimeout,
    requestTimeout: framework.requestTimeout,
    keepAliveTimeout: 5_000,
    frameBytes: framework.socketFrameLimit
  }
  const scope = yield* Scope.make()
  core.sockets.wire = transport.wire
  const open = (address: ListenAddress, which: "both" | "public" | "internal") => {
    const app = makeApp({ ...common, table: tableOf(core, which), hidesInternal: which === "public" })
    return Effect.flatMap(
      Effect.try({
        try: () => trustProxies(app, framework.trustProxy),
        catch: () => new ListenError({ address: "gate.trustProxy", message: "it holds something that is no address" })
      }),
      (trusted) => transport.listen(trusted, address, limits)
    )
  }
  const separate = framework.internalListen
  const opened = Effect.gen(function* () {
    yield* core.sockets.serveOwn
    const address: ListenAddress = { _tag: "Tcp", host: framework.host, port: framework.port }
    if (separate === undefined) {
      const main = yield* open(address, "both")
      return [main, main] as const
    }
    const own = parseListen(separate)
    if (own === undefined) return yield* new ListenError({ address: separate, message: "this is not an address" })
    const internal = yield* open(own, "internal")
    return [yield* open(address, "public"), internal] as const
  })
  const [main, internal] = yield* opened.pipe(
    Scope.provide(scope),
    Effect.onExit((exit) => (Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void))
  )
  const listeners: Listeners = {
    url: main.url,
    internalUrl: internal.url,
    all: main === internal ? [main] : [main, internal],
    close: Scope.close(scope, Exit.void)
  }
  return listeners
})
