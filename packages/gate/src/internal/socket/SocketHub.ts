import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as Scope from "effect/Scope"
import type * as Socket from "effect/socket/Socket"
import type { AuthenticatorService } from "../../contracts/Authenticator.ts"
import type { Caller } from "../../contracts/Caller.ts"
import type { RequestLimitsService } from "../../contracts/RequestLimits.ts"
import type { Contributed, ExtensionRef } from "../../ExtensionPoint.ts"
import type { Wire } from "../../HttpTransport.ts"
import type { FrameworkSettings } from "../../Settings.ts"
import { SocketFailure } from "../../SocketRpc.ts"
import type { StateLog } from "../runtime/StateLog.ts"
import { Connection, type ConnectionRules, type Outcome } from "./Connection.ts"
import { closings } from "./closings.ts"
import { withCredential } from "./credential.ts"
import { originOf } from "./origin.ts"
import { makeRpcHost, type RpcHost } from "./RpcHost.ts"
import { GatewayRpcs, gatewayHandlers } from "./session.ts"

/** What the sockets of an instance are among. */
export interface HubSurroundings {
  readonly framework: FrameworkSettings["Service"]
  readonly hosts: ExtensionRef<RpcHost>
  /** Why nobody answers the calls of a namespace, if a module should; `undefined` for a namespace of nobody. */
  readonly unavailable: (namespace: string) => SocketFailure | undefined
  readonly authenticator: () => AuthenticatorService | undefined
  readonly requestLimits: () => RequestLimitsService | undefined
  readonly states: StateLog
}

/** How many calls ended how, by their name. */
export type CallCounts = ReadonlyMap<string, Readonly<Record<Outcome, number>>>

/** The namespace of the framework's own calls. */
const ownNamespace = "gateway"

/** All open sockets of an instance. */
export class SocketHub {
  readonly around: HubSurroundings
  private readonly rules: ConnectionRules
  private readonly connections = new Map<number, Connection>()
  private readonly byCaller = new Map<string, number>()
  private readonly counts = new Map<string, Record<Outcome, number>>()
  private count = 0
  private own: RpcHost | undefined = undefined
  private draining = false
  private known: { readonly version: number; readonly hosts: ReadonlyMap<string, RpcHost> } | undefined = undefined
  /** Set by whoever listens: what is under a request. */
  wire: (request: HttpServerRequest.HttpServerRequest) => Wire | undefined = () => undefined

  constructor(around: HubSurroundings) {
    const { framework } = around
    this.around = around
    this.rules = {
      calls: framework.socketCalls,
      backlog: { bytes: framework.socketBacklog, messages: framework.socketBacklogMessages },
      stallTimeout: framework.socketStallTimeout,
      idleTimeout: framework.socketIdleTimeout,
      recheck: framework.socketRecheck,
      find: (tag) => this.find(tag),
      authenticator: around.authenticator,
      requestLimits: around.requestLimits,
      counted: (tag, outcome) => this.counted(tag, outcome)
    }
  }

  get open(): number {
    return this.connections.size
  }

  get calls(): CallCounts {
    return this.counts
  }

  get isDraining(): boolean {
    return this.draining
  }

  /** Answers the framework's own calls from now on, until the scope closes. */
  readonly serveOwn: Effect.Effect<void, never, Scope.Scope> = Effect.suspend(() =>
    Effect.gen({ self: this }, function* () {
      const handlers = yield* gatewayHandlers({
        connection: (id) => this.connections.get(id),
        limits: { calls: this.rules.calls, frameBytes: this.around.framework.socketFrameLimit },
        states: this.around.states
      })
      this.own = yield* makeRpcHost(ownNamespace, GatewayRpcs, handlers)
    })
  )

  /** A handshake as everybody after reads it. */
  reads(request: HttpServerRequest.HttpServerRequest, requestId: string): HttpServerRequest.HttpServerRequest {
    const { host, origin } = request.headers
    return withCredential(request, { cookies: originOf(origin, host, this.around.framework) !== "any", requestId })
  }

  /** Whether a caller has as many sockets as one may. */
  isFull(caller: string): boolean {
    return (this.byCaller.get(caller) ?? 0) >= this.around.framework.socketsPerCaller
  }

  /** Serves an upgraded request until its socket is closed. */
  serve(
    request: HttpServerRequest.HttpServerRequest,
    caller: Caller,
    requestId: string,
    wire: Wire,
    socket: Socket.Socket
  ) {
    return Effect.clockWith((clock: Clock.Clock) => {
      const id = ++this.count
      const connection = new Connection(this.rules, { id, requestId, request, caller, wire, socket }, clock)
      this.enter(connection, caller.id)
      return Effect.ensuring(
        Effect.scoped(connection.run),
        Effect.sync(() => this.leave(connection, caller.id))
      )
    })
  }

  /** Tells every client that the instance stops; what runs has so many milliseconds. */
  drain(millis: number): void {
    this.draining = true
    for (const connection of [...this.connections.values()]) connection.drain(millis)
  }

  /** Ends what still runs. Completes when every socket is closed. */
  readonly cut: Effect.Effect<void> = Effect.suspend(() => {
    const left = [...this.connections.values()]
    for (const connection of left) connection.end(closings.stopping)
    return Effect.forEach(left, (connection) => connection.awaitOver, { concurrency: "unbounded", discard: true })
  })

  /** What answers the calls of modules. */
  hostsOf(modules: ReadonlySet<string>): ReadonlyArray<RpcHost> {
    return this.around.hosts.current.filter(({ module }) => modules.has(module)).map(({ value }) => value)
  }

  private enter(connection: Connection, caller: string): void {
    this.connections.set(connection.id, connection)
    this.byCaller.set(caller, (this.byCaller.get(caller) ?? 0) + 1)
  }

  private leave(connection: Connection, caller: string): void {
    this.connections.delete(connection.id)
    const left = (this.byCaller.get(caller) ?? 1) - 1
    if (left === 0) this.byCaller.delete(caller)
    else this.byCaller.set(caller, left)
  }

  private find(tag: string): RpcHost | SocketFailure {
    const dot = tag.indexOf(".")
    const namespace = dot === -1 ? tag : tag.slice(0, dot)
    const host = namespace === ownNamespace ? this.own : this.hosts().get(namespace)
    if (host === undefined || host.closed) return this.around.unavailable(namespace) ?? noCall(tag)
    return host.has(tag) ? host : noCall(tag)
  }

  private hosts(): ReadonlyMap<string, RpcHost> {
    const { current, version } = this.around.hosts
    if (this.known?.version !== version) this.known = { version, hosts: byNamespace(current) }
    return this.known.hosts
  }

  private counted(tag: string, outcome: Outcome): void {
    // What nobody offers is not counted by its name, or a client could make up as many as it likes.
    const name = this.find(tag) instanceof SocketFailure ? "" : tag
    const counts = this.counts.get(name) ?? { success: 0, failure: 0 }
    counts[outcome]++
    this.counts.set(name, counts)
  }
}

const byNamespace = (current: ReadonlyArray<Contributed<RpcHost>>): ReadonlyMap<string, RpcHost> =>
  new Map(current.map(({ value }) => [value.namespace, value]))

const noCall = (tag: string): SocketFailure =>
  SocketFailure.from({ code: "NOT_FOUND", message: `There is no call "${tag.slice(0, 100)}".` })
