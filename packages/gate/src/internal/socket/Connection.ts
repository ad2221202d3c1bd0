import type * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import type { FromClientEncoded, FromServerEncoded, RequestEncoded, ResponseExitEncoded } from "effect/rpc/RpcMessage"
import { constPong } from "effect/rpc/RpcMessage"
import type * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"
import type { AuthenticatorService } from "../../contracts/Authenticator.ts"
import type { Caller } from "../../contracts/Caller.ts"
import type { RequestLimitsService } from "../../contracts/RequestLimits.ts"
import type { Wire } from "../../HttpTransport.ts"
import { RequestOrigin } from "../../RequestOrigin.ts"
import { SocketFailure } from "../../SocketRpc.ts"
import { type Closing, closings } from "./closings.ts"
import { failedWith, shapedExit, unwritable } from "./exits.ts"
import { readFrame } from "./frames.ts"
import { Outlet } from "./Outlet.ts"
import type { Peer, RpcHost } from "./RpcHost.ts"
import { type CallId, RunningCall } from "./RunningCall.ts"
import type { SessionEvent } from "./session.ts"

/** How a call ended, for whoever counts. */
export type Outcome = "success" | "failure"

/** What connections share. Bytes and milliseconds. */
export interface ConnectionRules {
  readonly calls: number
  readonly backlog: { readonly bytes: number; readonly messages: number }
  readonly stallTimeout: number
  readonly idleTimeout: number
  readonly recheck: number
  /** Who answers a call, or why nobody does. */
  readonly find: (tag: string) => RpcHost | SocketFailure
  /** `undefined` while no module provides one. */
  readonly authenticator: () => AuthenticatorService | undefined
  /** `undefined` while no module provides them. */
  readonly requestLimits: () => RequestLimitsService | undefined
  readonly counted: (tag: string, outcome: Outcome) => void
}

/** What a connection begins with. */
export interface Handshake {
  readonly id: number
  readonly requestId: string
  /** The request that was upgraded: what is shown again to see whether its credential still holds. */
  readonly request: HttpServerRequest.HttpServerRequest
  readonly caller: Caller
  readonly wire: Wire
  readonly socket: Socket.Socket
}

/** Milliseconds that a peer gets to take the last words and to say goodbye. */
const grace = 1_000

type ResponseTo = Exclude<FromServerEncoded, { readonly _tag: "Pong" }>

/** One open socket: its calls, who is behind it, and what it may cost. */
export class Connection implements Peer {
  readonly id: number
  readonly requestId: string
  /** What the peer is told about the connection itself, where it asked for that. */
  tellSession: ((event: SessionEvent) => void) | undefined = undefined
  private readonly rules: ConnectionRules
  private readonly handshake: Handshake
  private readonly clock: Clock.Clock
  private readonly outlet: Outlet
  private readonly running = new Map<CallId, RunningCall>()
  private readonly hosts = new Set<RpcHost>()
  private readonly over = Deferred.makeUnsafe<void>()
  private readonly renewed = new Set<() => void>()
  private readonly closing = Deferred.makeUnsafe<Closing>()
  private idle: Array<() => void> = []
  private credential: HttpServerRequest.HttpServerRequest
  private shown: Caller
  private heard: number
  private count = 0
  private draining = false
  private writer: Socket.Writer | undefined = undefined

  constructor(rules: ConnectionRules, handshake: Handshake, clock: Clock.Clock) {
    this.rules = rules
    this.handshake = handshake
    this.clock = clock
    this.id = handshake.id
    this.requestId = handshake.requestId
    this.credential = handshake.request
    this.shown = handshake.caller
    this.outlet = new Outlet(handshake.wire, rules.backlog)
    this.heard = clock.currentTimeMillisUnsafe()
  }

  /** Milliseconds since the epoch; `null` if the credential does not expire. */
  get expiresAt(): number | null {
    return this.shown.credential.expiresAt ?? null
  }

  /** Serves the connection until it is over. */
  readonly run: Effect.Effect<void, Socket.SocketError, Scope.Scope> = Effect.suspend(() =>
    Effect.gen({ self: this }, function* () {
      yield* Effect.addFinalizer(() => Effect.sync(() => this.forget()))
      const { pull } = yield* this.handshake.socket.reader
      this.writer = yield* this.handshake.socket.writer
      for (const watch of [this.watchStall, this.watchSilence, this.watchCredential]) yield* Effect.forkScoped(watch)
      yield* Effect.forkScoped(Effect.flatMap(Deferred.await(this.closing), (closing) => this.close(closing)))
      const read = Effect.forever(
        Effect.flatMap(pull, (frames) => Effect.forEach(frames, this.frame, { discard: true }))
      )
      yield* Effect.raceFirst(read, Deferred.await(this.over))
    })
  )

  /** Says goodbye: calls that run fail with the reason, then the socket is closed. Only the first reason counts. */
  end(closing: Closing): void {
    if (!Deferred.doneUnsafe(this.closing, Effect.succeed(closing))) return
    this.outlet.release()
    for (const call of [...this.running.values()]) call.end(closing.failure)
  }

  /** Takes no more calls, ends what loses nothing by that, and closes when the last call has ended. */
  drain(millis: number): void {
    if (this.draining) return
    this.draining = true
    this.tellSession?.({ _tag: "Draining", millis })
    const { failure } = closings.stopping
    for (const call of [...this.running.values()]) if (call.resumable) call.end(failure)
    this.lookDrained()
  }

  /** Completes when the connection is over. */
  readonly awaitOver: Effect.Effect<void> = Effect.suspend(() => Deferred.await(this.over))

  call(id: CallId): RunningCall | undefined {
    return this.running.get(id)
  }

  /** The caller, as the credential says now. Fails, and ends the connection, where it says nothing any more. */
  readonly caller: Effect.Effect<Caller, SocketFailure> = Effect.suspend(() => this.authenticate(this.credential)).pipe(
    Effect.tapError((failure) => Effect.sync(() => this.endIfRefused(failure)))
  )

  /** Counts a call of the caller's. */
  charge(caller: Caller): Effect.Effect<void, SocketFailure> {
    const limits = this.rules.requestLimits()
    if (limits === undefined) return Effect.void
    return Effect.mapError(limits.take(Option.some(caller), this.credential, 1), SocketFailure.from)
  }

  /** Takes another credential of the same identity in the place of the one before. */
  renew(request: HttpServerRequest.HttpServerRequest): Effect.Effect<void, SocketFailure> {
    return Effect.flatMap(this.authenticate(request), (caller) => {
      if (caller.id !== this.shown.id) return Effect.fail(otherIdentity)
      this.credential = request
      this.shown = caller
      for (const resume of [...this.renewed]) resume()
      return Effect.void
    })
  }

  /** The request that a renewal is made of. */
  get request(): HttpServerRequest.HttpServerRequest {
    return this.credential
  }

  get from(): RequestOrigin {
    return RequestOrigin.of(this.credential)
  }

  readonly reply = (response: FromServerEncoded): Effect.Effect<void> => {
    switch (response._tag) {
      case "Chunk":
        return this.chunk(response.requestId, response)
      case "Exit":
        return this.exit(response)
      case "Defect":
        return Effect.sync(() => this.end(closings.broken))
      default:
        return this.send(response)
    }
  }

  private chunk(id: CallId, response: Extract<ResponseTo, { readonly _tag: "Chunk" }>): Effect.Effect<void> {
    const call = this.running.get(id)
    if (call === undefined || call.isEnding) return Effect.void
    if (!call.resumable) return this.send(response)
    return Effect.andThen(
      this.send(response),
      Effect.sync(() => {
        call.position = positionOf(response.values.at(-1)) ?? call.position
      })
    )
  }

  private exit(response: ResponseExitEncoded): Effect.Effect<void> {
    const call = this.running.get(response.requestId)
    if (call === undefined) return Effect.void
    const problem = unwritable(call, response)
    const logged =
      problem === undefined
        ? Effect.void
        : Effect.annotateLogs(Effect.logError(`The result of ${call.tag} could not be sent: ${problem}`), {
            requestId: call.requestId
          })
    // It counts as running until it is written, so that results which wait are bounded by the calls that may run.
    return Effect.andThen(
      Effect.andThen(logged, this.send(shapedExit(call, response))),
      Effect.sync(() => {
        this.leave(call, response.exit._tag === "Success" ? "success" : "failure")
        this.lookDrained()
      })
    )
  }

  /** Writes when there is room. */
  private send(response: FromServerEncoded): Effect.Effect<void> {
    const text = JSON.stringify(response)
    const attempt: Effect.Effect<void> = Effect.suspend(() => {
      const { writer } = this
      if (writer === undefined) return Effect.void
      if (!this.outlet.hasRoom()) return Effect.andThen(this.outlet.room, attempt)
      return this.outlet.counting(Effect.ignore(writer.write(text)))
    })
    return attempt
  }

  private readonly frame = (frame: string | Uint8Array): Effect.Effect<void> => {
    this.heard = this.clock.currentTimeMillisUnsafe()
    if (Deferred.isDoneUnsafe(this.closing)) return Effect.void
    if (typeof frame !== "string") return Effect.sync(() => this.end(closings.binary))
    const messages = readFrame(frame)
    if (messages === undefined) return Effect.sync(() => this.end(closings.malformed))
    // What answers it needs room; until there is some, nothing more is read.
    return Effect.andThen(this.outlet.room, Effect.forEach(messages, this.message, { discard: true }))
  }

  private readonly message = (message: FromClientEncoded): Effect.Effect<void> => {
    switch (message._tag) {
      case "Request":
        return this.begin(message)
      case "Ack":
      case "Interrupt": {
        const call = this.running.get(message.requestId)
        return call === undefined ? Effect.void : call.host.tell(this, message)
      }
      case "Ping":
        return this.send(constPong)
      case "Eof":
        return Effect.sync(() => {
          this.draining = true
          this.lookDrained()
        })
    }
  }

  private begin(message: RequestEncoded): Effect.Effect<void> {
    if (Deferred.isDoneUnsafe(this.closing)) return Effect.void
    if (this.running.has(message.id)) return Effect.sync(() => this.end(closings.twice))
    const requestId = `${this.requestId}.${++this.count}`
    const host = this.refusal() ?? this.rules.find(message.tag)
    if (host instanceof SocketFailure) return this.refuse(message, host, requestId)
    const call = new RunningCall(message.id, message.tag, host, requestId)
    this.running.set(call.id, call)
    this.hosts.add(host)
    return host.begin(this, call, message)
  }

  private refuse({ id, tag }: RequestEncoded, failure: SocketFailure, requestId: string): Effect.Effect<void> {
    this.rules.counted(tag, "failure")
    return this.send(failedWith(id, failure.knownAs(requestId)))
  }

  private refusal(): SocketFailure | undefined {
    if (this.draining) return closings.stopping.failure
    if (this.running.size < this.rules.calls) return undefined
    const message = "This socket has as many calls running as it may."
    return SocketFailure.from({ code: "RATE_LIMITED", message, details: { limit: this.rules.calls } })
  }

  private leave(call: RunningCall, outcome: Outcome): void {
    if (!this.running.delete(call.id)) return
    call.host.ended(call)
    this.rules.counted(call.tag, outcome)
    if (this.running.size === 0) for (const resume of this.idle.splice(0)) resume()
  }

  /** Whether only the session itself is left, which ends with the connection. */
  private lookDrained(): void {
    if (!this.draining) return
    for (const call of this.running.values()) if (call.tag !== sessionTag) return
    this.end(closings.stopping)
  }

  private readonly close = ({ code, reason }: Closing): Effect.Effect<void> => {
    const quiet = Effect.callback<void>((resume) => {
      if (this.running.size === 0) return resume(Effect.void)
      this.idle.push(() => resume(Effect.void))
    })
    const goodbye = Effect.suspend(() => this.writer?.write(new Socket.CloseEvent(code, reason)) ?? Effect.void)
    return Effect.gen({ self: this }, function* () {
      yield* Effect.timeoutOption(quiet, grace)
      yield* Effect.ignore(goodbye)
      // A peer that reads answers, which ends the reading; one that does not is not waited for.
      yield* Effect.sleep(grace)
      this.handshake.wire.cut()
      yield* Deferred.succeed(this.over, undefined)
    })
  }

  private forget(): void {
    for (const call of [...this.running.values()]) this.leave(call, "failure")
    for (const host of this.hosts) host.disconnect(this)
    Deferred.doneUnsafe(this.over, Effect.void)
  }

  private authenticate(request: HttpServerRequest.HttpServerRequest): Effect.Effect<Caller, SocketFailure> {
    const authenticator = this.rules.authenticator()
    if (authenticator === undefined) return Effect.fail(noAuthenticator)
    return Effect.matchEffect(authenticator.authenticate(request), {
      onFailure: (failure) => Effect.fail(SocketFailure.from(failure)),
      onSuccess: (caller) => (Option.isSome(caller) ? Effect.succeed(caller.value) : Effect.fail(noCredential))
    })
  }

  private endIfRefused(failure: SocketFailure): void {
    if (failure.code === "UNAUTHENTICATED") this.end({ ...closings.unauthenticated, failure })
  }

  /** Cuts a peer that has not taken anything for a while although there was much to take. */
  private readonly watchStall: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forever(
      Effect.gen({ self: this }, function* () {
        yield* this.outlet.blocked
        const before = this.outlet.taken
        yield* Effect.sleep(this.rules.stallTimeout)
        if (this.outlet.isBlocked && this.outlet.taken === before) this.end(closings.slow)
      })
    )
  )

  /** Asks a silent peer for a sign of life, and closes one that gives none. */
  private readonly watchSilence: Effect.Effect<void> = Effect.suspend(() => {
    const { idleTimeout } = this.rules
    return Effect.forever(
      Effect.gen({ self: this }, function* () {
        const silent = this.clock.currentTimeMillisUnsafe() - this.heard
        if (silent >= idleTimeout) this.end(closings.silent)
        else if (silent >= idleTimeout / 2) this.tellSession?.({ _tag: "Heartbeat" })
        yield* Effect.sleep(silent < idleTimeout / 2 ? idleTimeout / 2 - silent : idleTimeout / 2)
      })
    )
  })

  /** Looks again and again whether the credential holds, and at the latest when it expires. */
  private readonly watchCredential: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forever(
      Effect.gen({ self: this }, function* () {
        const now = this.clock.currentTimeMillisUnsafe()
        const left = (this.expiresAt ?? Number.POSITIVE_INFINITY) - now
        if (left <= 0) return this.end(closings.expired)
        yield* Effect.raceFirst(Effect.sleep(Math.min(left, this.rules.recheck)), this.renewal)
        yield* Effect.ignore(this.caller)
      })
    )
  )

  private readonly renewal: Effect.Effect<void> = Effect.callback((resume) => {
    const done = () => resume(Effect.void)
    this.renewed.add(done)
    return Effect.sync(() => void this.renewed.delete(done))
  })
}

/** The call that is told about its own connection. */
export const sessionTag = "gateway.session"

const positionOf = (item: unknown): string | undefined =>
  typeof item === "object" && item !== null && "position" in item && typeof item.position === "string"
    ? item.position
    : undefined

const noAuthenticator = SocketFailure.from({
  code: "UNAVAILABLE",
  message: "No module is ready that could say who calls."
})
const noCredential = SocketFailure.from({ code: "UNAUTHENTICATED", message: "This needs a credential." })
const otherIdentity = SocketFailure.from({
  code: "PERMISSION_DENIED",
  message: "A socket is renewed with a credential of the identity that opened it."
})
