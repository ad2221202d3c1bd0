import { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import * as RpcClient from "effect/rpc/RpcClient"
import type { RpcClientError } from "effect/rpc/RpcClientError"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Socket from "effect/socket/Socket"
import type { ExportOptions, FileSource, Imported, ImportOptions } from "./Files.ts"
import { type GraphClient, makeGraphClient } from "./GraphClient.ts"
import { baseUrl, type HttpOptions, type Token, tokenOf } from "./internal/http.ts"
import { run } from "./internal/promises.ts"
import { type InstanceModuleState, InstanceRpcs } from "./internal/socket/contract.ts"
import { dial, type WebSocketConstructor, whyRefused } from "./internal/socket/dial.ts"
import { type CallFailure, isInterruption, porticoErrorOf } from "./internal/socket/failures.ts"
import { unhindered } from "./internal/socket/unhindered.ts"
import { exchangeOver, uploadOver } from "./internal/socket/uploads.ts"
import { exportRequest, importRequest } from "./internal/streams.ts"
import type { CallRequest, Transport } from "./Transport.ts"

export type { InstanceModuleState } from "./internal/socket/contract.ts"
export type { CallFailure } from "./internal/socket/failures.ts"

/** How a socket is opened. A token that is a function is asked again for each connection, and to renew one. */
export interface PorticoSocketOptions extends HttpOptions {
  /** Default the global one. */
  readonly webSocket?: WebSocketConstructor
}

/** An item of a subscription that can be gone on with. */
export interface Positioned {
  readonly position: string
}

/**
 * The runtime socket of an instance: calls, streams, files and subscriptions over one connection, which is kept up. What is
 * read slowly holds up nothing else.
 */
export interface PorticoSocket extends GraphClient {
  readonly url: string
  /**
   * The calls of a module, by the group that it declares. What the framework says comes as a `SocketFailure` where the
   * group is marked with it; a lost connection is an `RpcClientError`. Interrupting a call cancels it at the instance.
   */
  readonly calls: <Rpcs extends Rpc.Any>(
    group: RpcGroup.RpcGroup<Rpcs>
  ) => Effect.Effect<RpcClient.RpcClient<Rpcs, RpcClientError>, never, Scope.Scope | Rpc.MiddlewareClient<Rpcs>>
  /** Makes nodes and edges of the rows of a file, which is read no faster than the instance takes it. */
  readonly import: (source: FileSource, options?: ImportOptions) => Promise<Imported>
  /** Nodes and edges as a file of one commit. */
  readonly export: (options?: ExportOptions) => Stream.Stream<Uint8Array, PorticoError>
  /**
   * Every change from now on (or after `since`, which is the position of one) that the caller may READ, with its
   * position: what `GET /api/changes` gives. Goes on over lost connections.
   */
  readonly changes: (options?: {
    readonly under?: string
    readonly class?: string
    readonly since?: string
  }) => Stream.Stream<{ readonly position: string; readonly item: unknown }, PorticoError>
  /** The states of modules: all of them first, then what changes. For operators. */
  readonly states: Stream.Stream<ReadonlyArray<InstanceModuleState>, PorticoError>
  /**
   * Shows another credential of the same identity, before the present one expires; one that `token` gives, if none is
   * given. A `token` that is a function is asked by itself in time. Gives when it expires, in milliseconds since the epoch.
   */
  readonly renew: (token?: string) => Promise<number | null>
  readonly close: () => Promise<void>
}

/** Attempts to go on: at once, then ever more slowly, and at least every five seconds. */
const attempts = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("5 seconds")])

/**
 * A subscription that outlives connections, restarts of its module and being cut for slowness: it is asked again with the
 * position of the last item that came out, and goes on exactly after that. Other failures end it.
 *
 * @example
 * ```ts
 * import { resumed } from "@portico/client/socket"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * let lost = false
 * const source = (since: string | undefined) => {
 *   const from = since === undefined ? 1 : Number(since) + 1
 *   const items = Stream.map(Stream.range(from, 3), (n) => ({ position: String(n) }))
 *   if (lost || from > 1) return items
 *   lost = true
 *   return Stream.concat(Stream.take(items, 1), Stream.fail({ _tag: "SocketFailure", code: "UNAVAILABLE" }))
 * }
 * console.log(await Effect.runPromise(Stream.runCollect(resumed(source)))) // 1, 2, 3
 * ```
 */
export const resumed = <A extends Positioned, E extends CallFailure, R>(
  subscribe: (since: string | undefined) => Stream.Stream<A, E, R>
): Stream.Stream<A, E, R> =>
  Stream.suspend(() => {
    let since: string | undefined
    return Stream.suspend(() => subscribe(since)).pipe(
      Stream.map((item) => {
        since = item.position
        return item
      }),
      Stream.retry(
        attempts.pipe(
          Schedule.setInputType<E>(),
          Schedule.while(({ input }) => isInterruption(input))
        )
      )
    )
  })

/** Milliseconds before its end at which a credential is renewed; half of its time, if that is less. */
const renewBefore = 30_000

const open = Effect.fnUntraced(function* (options: PorticoSocketOptions) {
  const url = baseUrl(options.url)
  const scope = yield* Scope.fork(yield* Effect.scope)
  const socket = yield* dial(options, url, options.webSocket ?? globalThis.WebSocket)
  const protocol = yield* RpcClient.makeProtocolSocket().pipe(
    Effect.provideService(Socket.Socket, socket),
    Effect.provideService(RpcSerialization.RpcSerialization, RpcSerialization.json),
    Scope.provide(scope)
  )
  const calls: PorticoSocket["calls"] = (group) =>
    Effect.provideService(RpcClient.make(group), RpcClient.Protocol, unhindered(protocol))
  const instance = yield* Scope.provide(calls(InstanceRpcs), scope)

  const renew = (token: string | undefined) =>
    instance["gateway.renew"](token === undefined ? {} : { token }).pipe(
      Effect.mapError(porticoErrorOf),
      Effect.map(({ expiresAt }) => expiresAt)
    )
  const opened = yield* Deferred.make<void, PorticoError>()
  const session = instance["gateway.session"]().pipe(
    Stream.filter((event) => event._tag === "Opened"),
    // A new connection shows its own token, so each counts its own time.
    Stream.switchMap(({ expiresAt }) =>
      Stream.fromEffectDrain(
        Effect.andThen(Deferred.succeed(opened, undefined), keepRenewed(options.token, expiresAt, renew))
      )
    ),
    Stream.runDrain,
    Effect.tapError(() =>
      Deferred.isDoneUnsafe(opened)
        ? Effect.void
        : Effect.flatMap(whyRefused(options, url), (error) => Deferred.fail(opened, error))
    ),
    Effect.retry(attempts)
  )
  yield* Effect.forkIn(session, scope)
  yield* Deferred.await(opened).pipe(Effect.onError(() => Scope.close(scope, Exit.void)))

  const bytes = (request: CallRequest) => Stream.mapError(instance["kernel.bytes"](request), porticoErrorOf)
  const inTime = <A>(work: Effect.Effect<A, PorticoError>, millis: number | undefined) =>
    millis === undefined
      ? work
      : Effect.timeoutOrElse(work, {
          duration: millis,
          orElse: () => Effect.fail(PorticoError.make("TIMEOUT", `${url} did not answer in time.`, { url }))
        })
  const transport: Transport = (request, asked) => {
    if (request.input !== undefined && asked?.output !== undefined) {
      const { output } = asked
      return Effect.succeed({ result: exchangeOver(instance, request, output), seq: 0, output })
    }
    if (request.input !== undefined) return inTime(uploadOver(instance, request), asked?.timeoutMs)
    if (asked?.output === "binary") return Effect.succeed({ result: bytes(request), seq: 0, output: "binary" })
    if (asked?.output === "stream") {
      const result = Stream.mapError(instance["kernel.stream"](request), porticoErrorOf)
      return Effect.succeed({ result, seq: 0, output: "stream" })
    }
    const answer = Effect.mapError(instance["kernel.call"](request), porticoErrorOf)
    return inTime(answer, asked?.timeoutMs ?? options.timeoutMs ?? 30_000)
  }
  const states = resumed((since) => instance["gateway.states"](since === undefined ? {} : { since })).pipe(
    Stream.map(({ item }) => item),
    Stream.mapError(porticoErrorOf)
  )
  return {
    ...makeGraphClient(transport),
    url,
    calls,
    import: (source, asked = {}) => {
      const work = Effect.suspend(() => uploadOver(instance, importRequest(source, asked)))
      // Boundary: what the contract of `import` says.
      return run(inTime(work, asked.timeoutMs), asked.signal).then(({ result }) => result as Imported)
    },
    export: (asked = {}) => Stream.suspend(() => bytes(exportRequest(asked))),
    changes: ({ since: first, ...asked } = {}) =>
      resumed((since = first) => instance["kernel.changes"](since === undefined ? asked : { ...asked, since })).pipe(
        Stream.mapError(porticoErrorOf)
      ),
    states,
    renew: (token) => run(token === undefined ? Effect.flatMap(fresh(options.token), renew) : renew(token)),
    close: () => run(Scope.close(scope, Exit.void))
  } satisfies PorticoSocket
})

const fresh = (token: Token | undefined): Effect.Effect<string | undefined, PorticoError> =>
  Effect.tryPromise({
    try: () => tokenOf(token),
    catch: (cause) => PorticoError.make("UNAUTHENTICATED", `No token could be had: ${String(cause)}`)
  })

/** Renews in time, again and again, where there is somebody to ask for a token. */
const keepRenewed = (
  token: Token | undefined,
  expiresAt: number | null,
  renew: (token: string | undefined) => Effect.Effect<number | null, PorticoError>
): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (typeof token !== "function") return
    let until = expiresAt
    while (until !== null) {
      const left = until - (yield* Clock.currentTimeMillis)
      yield* Effect.sleep(Math.max(left / 2, left - renewBefore))
      until = yield* Effect.flatMap(fresh(token), renew)
    }
    // Where it does not work out, the instance closes the socket, and the next connection asks for a token as well.
  }).pipe(Effect.ignore)

/** Opens sockets. */
export const PorticoSocket = {
  /**
   * Opens a socket, which closes with the scope. Fails with what the instance refuses it for, or UNAVAILABLE. Once it is
   * open it is kept up: calls that run when a connection is lost fail, new ones are UNAVAILABLE until there is another.
   */
  open: (options: PorticoSocketOptions): Effect.Effect<PorticoSocket, PorticoError, Scope.Scope> =>
    Effect.suspend(() => open(options)),
  /**
   * The same as a promise, for code without Effect; `close` ends it.
   *
   * @example
   * ```ts no-run
   * import { PorticoSocket } from "@portico/client/socket"
   *
   * const portico = await PorticoSocket.connect({ url: "http://localhost:4000", token: async () => "…" })
   * console.log(await portico.get("/"))
   * await portico.close()
   * ```
   */
  connect: (options: PorticoSocketOptions): Promise<PorticoSocket> =>
    run(Effect.flatMap(Scope.make(), (scope) => Scope.provide(PorticoSocket.open(options), scope)))
} as const
