import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type { FromClientEncoded, FromServerEncoded } from "effect/rpc/RpcMessage"
import type * as RpcMiddleware from "effect/rpc/RpcMiddleware"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as Scope from "effect/Scope"
import { type Caller, CurrentCaller } from "../../contracts/Caller.ts"
import { GateError } from "../../GateError.ts"
import type { RequestOrigin } from "../../RequestOrigin.ts"
import { Resumable, SocketCall, SocketFailure } from "../../SocketRpc.ts"
import { failureOfDefect } from "./exits.ts"
import type { CallId, RunningCall } from "./RunningCall.ts"

/** A connection, as the hosts of calls see it. */
export interface Peer {
  /** Never used twice. */
  readonly id: number
  readonly call: (id: CallId) => RunningCall | undefined
  /** Sends what a call answers. Waits while the connection has no room for it. */
  readonly reply: (response: FromServerEncoded) => Effect.Effect<void>
  /** Where the connection comes from. */
  readonly from: RequestOrigin
  /** Who calls, now. */
  readonly caller: Effect.Effect<Caller, SocketFailure>
  /** Counts a call of the caller's. */
  readonly charge: (caller: Caller) => Effect.Effect<void, SocketFailure>
}

type Accept = (clientId: number, message: FromClientEncoded) => Effect.Effect<void>

/** The call that may run although the credential of the connection is not good any more. */
export const renewTag = "gateway.renew"

/**
 * Runs the calls of one group, with the services of the module that contributed it, for as long as that module is up.
 * It is one `RpcServer` of effect/rpc; connections come and go.
 */
export class RpcHost {
  readonly namespace: string
  /** Set when its module is going down: nobody may begin a call here. */
  closed = false
  private readonly calls: ReadonlyMap<string, Rpc.AnyWithProps>
  private readonly peers = new Map<number, Peer>()
  private readonly running = new Set<RunningCall>()
  private readonly disconnects: Queue.Queue<number>
  private readonly services: Context.Context<never>
  private waiting: Array<() => void> = []
  private accept: Accept | undefined

  constructor(
    namespace: string,
    calls: ReadonlyMap<string, Rpc.AnyWithProps>,
    disconnects: Queue.Queue<number>,
    services: Context.Context<never>
  ) {
    this.namespace = namespace
    this.calls = calls
    this.disconnects = disconnects
    this.services = services
  }

  has(tag: string): boolean {
    return this.calls.has(tag)
  }

  isResumable(tag: string): boolean {
    const rpc = this.calls.get(tag)
    return rpc !== undefined && Context.get(rpc.annotations, Resumable)
  }

  /** Begins a call. */
  begin(peer: Peer, call: RunningCall, message: FromClientEncoded): Effect.Effect<void> {
    this.peers.set(peer.id, peer)
    this.running.add(call)
    return this.tell(peer, message)
  }

  /** Hands on what a client says of a call that runs. */
  tell(peer: Peer, message: FromClientEncoded): Effect.Effect<void> {
    const { accept } = this
    if (accept === undefined) return Effect.void
    // Handlers see their module's services and nothing of the connection that they happen to be called over.
    return Effect.updateContext(accept(peer.id, message), () => this.services)
  }

  /** A call's exit was sent, or will never be. */
  ended(call: RunningCall): void {
    this.running.delete(call)
    if (this.running.size > 0) return
    for (const resume of this.waiting.splice(0)) resume()
  }

  /** Forgets a connection and interrupts what it was still running. */
  disconnect(peer: Peer): void {
    if (this.peers.delete(peer.id)) Queue.offerUnsafe(this.disconnects, peer.id)
  }

  /** Takes no more calls, and ends those that lose nothing by it. */
  close(reason: SocketFailure): void {
    this.closed = true
    for (const call of [...this.running]) if (call.resumable) call.end(reason)
  }

  /** Breaks off what still runs. */
  cut(reason: SocketFailure): void {
    this.closed = true
    for (const call of [...this.running]) call.end(reason)
  }

  /** Waits until no call runs. */
  readonly idle: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.running.size === 0) return resume(Effect.void)
    const done = () => resume(Effect.void)
    this.waiting.push(done)
    return Effect.sync(() => {
      this.waiting = this.waiting.filter((each) => each !== done)
    })
  })

  /** effect/rpc's side of it. */
  readonly protocol = (): RpcServer.Protocol["Service"] => ({
    run: (accept) =>
      Effect.suspend(() => {
        this.accept = accept
        return Effect.never
      }),
    send: (clientId, response) => this.peers.get(clientId)?.reply(response) ?? Effect.void,
    disconnects: this.disconnects,
    end: () => Effect.void,
    clientIds: Effect.sync(() => new Set(this.peers.keys())),
    initialMessage: Effect.succeedNone,
    supportsAck: true,
    supportsTransferables: false,
    supportsSpanPropagation: true,
    supportsNotifications: false,
    codecFor: RpcSerialization.json.codecFor
  })

  /** What is around each handler: who calls, the log's request id, and failures that tell no more than they should. */
  readonly middleware: RpcMiddleware.RpcMiddleware<CurrentCaller, SocketFailure, never> = (
    handler,
    { client, requestId }
  ) =>
    Effect.withFiber((fiber) => {
      const peer = this.peers.get(client.id)
      const call = peer?.call(requestId)
      if (peer === undefined || call === undefined) return Effect.interrupt
      call.enter(fiber)
      const again = Effect.map(Effect.mapError(peer.caller, asGateError), Option.some)
      const { from } = peer
      const run = (caller: Option.Option<Caller>) =>
        Effect.provideService(handler, CurrentCaller, { caller, from, again })
      // A renewal shows a credential of its own.
      const answered =
        call.tag === renewTag
          ? run(Option.none())
          : Effect.flatMap(peer.caller, (caller) => Effect.andThen(peer.charge(caller), run(Option.some(caller))))
      const told = Effect.catchCause(answered, (cause) => answerDefect(cause, call))
      const marked = Effect.andThen(Effect.annotateCurrentSpan("portico.request_id", call.requestId), told)
      return Effect.annotateLogs(marked, { requestId: call.requestId })
    })
}

const asGateError = ({ code, message }: SocketFailure): GateError =>
  GateError.make(code === "UNAUTHENTICATED" ? "UNAUTHENTICATED" : "UNAVAILABLE", message)

const answerDefect = <E>(cause: Cause.Cause<E>, call: RunningCall): Effect.Effect<never, E | SocketFailure> => {
  if (!Cause.hasDies(cause)) return Effect.failCause(cause)
  const failure = failureOfDefect(Cause.squash(cause), call.requestId)
  const told = Effect.fail(failure)
  if (failure.code !== "INTERNAL") return told
  return Effect.andThen(Effect.logError(`The call ${call.tag} failed that should not have.`, cause), told)
}

const goingDown = SocketFailure.from({ code: "UNAVAILABLE", message: "The module behind this call is going down." })

/**
 * A host that lives as long as the scope. When that closes, calls that still run fail with UNAVAILABLE before anything
 * that their handlers use is released.
 */
export const makeRpcHost = <Rpcs extends Rpc.Any>(
  namespace: string,
  group: RpcGroup.RpcGroup<Rpcs>,
  handlers: Context.Context<Rpc.ToHandler<Rpcs>>
): Effect.Effect<RpcHost, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const services = Context.omit(Scope.Scope)(yield* Effect.context<Scope.Scope>())
    const disconnects = yield* Queue.unbounded<number>()
    // Boundary: every value in a group is made by `Rpc.make` and has all of `AnyWithProps`.
    const calls = group.requests as unknown as ReadonlyMap<string, Rpc.AnyWithProps>
    const host = new RpcHost(namespace, calls, disconnects, services)
    const around = Context.mergeAll(
      handlers as Context.Context<never>,
      Context.make(RpcServer.Protocol, host.protocol()),
      Context.make(SocketCall, host.middleware)
    )
    // `SocketRpcs.of` checked that the handlers are the group's; schemas that need services are not admitted there.
    const server = RpcServer.make(group, { disableFatalDefects: true, spanPrefix: "socket" }) as Effect.Effect<never>
    yield* Effect.forkIn(Effect.provideContext(server, around), scope, { startImmediately: true })
    yield* Scope.addFinalizer(
      scope,
      Effect.suspend(() => {
        host.cut(goingDown)
        return host.idle
      })
    )
    return host
  })
