import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { CurrentCaller } from "../../contracts/Caller.ts"
import { GateError } from "../../GateError.ts"
import type { ModuleState } from "../../ModuleState.ts"
import { resumable, SocketCall, SocketFailure } from "../../SocketRpc.ts"
import type { StateLog } from "../runtime/StateLog.ts"
import { type Connection, sessionTag } from "./Connection.ts"
import { withToken } from "./credential.ts"
import { renewTag } from "./RpcHost.ts"

const Expiry = Schema.NullOr(Schema.Finite)

/** What a client is told about its connection. */
const SessionEvent = Schema.Union([
  Schema.TaggedStruct("Opened", {
    /** What the log knows the connection by. */
    requestId: Schema.String,
    /** When it must have been renewed, in milliseconds since the epoch. */
    expiresAt: Expiry,
    limits: Schema.Struct({ calls: Schema.Int, frameBytes: Schema.Int })
  }),
  // Acknowledged like any other item, which is the sign of life that is asked for.
  Schema.TaggedStruct("Heartbeat", {}),
  /** The server stops: no more calls, and those that run have so many milliseconds. */
  Schema.TaggedStruct("Draining", { millis: Schema.Finite })
])
export type SessionEvent = typeof SessionEvent.Type

const State = Schema.Struct({
  id: Schema.String,
  displayName: Schema.String,
  status: Schema.Literals(["planned", "starting", "ready", "degraded", "restarting", "stopping", "stopped", "failed"]),
  since: Schema.Finite,
  reason: Schema.NullOr(Schema.String),
  waitingOn: Schema.Array(Schema.String)
}) satisfies Schema.Codec<ModuleState, unknown>

/** The framework's own calls. */
export const GatewayRpcs = RpcGroup.make(
  Rpc.make(sessionTag, { success: SessionEvent, stream: true }),
  Rpc.make(renewTag, {
    payload: Schema.Struct({ token: Schema.optionalKey(Schema.String) }),
    success: Schema.Struct({ expiresAt: Expiry }),
    error: SocketFailure
  }),
  resumable("gateway.states", { payload: {}, item: Schema.Array(State) })
).middleware(SocketCall)

/** What the framework's calls look at. */
export interface SessionSurroundings {
  readonly connection: (id: number) => Connection | undefined
  readonly limits: { readonly calls: number; readonly frameBytes: number }
  readonly states: StateLog
}

/** Events that may wait for a client to take them; when there are more, the oldest are of no use any more. */
const waitingEvents = 16

const notOperator = GateError.make("PERMISSION_DENIED", "The states of modules are for operators.")

/** Handlers of {@link GatewayRpcs}. */
export const gatewayHandlers = ({ connection, limits, states }: SessionSurroundings) =>
  GatewayRpcs.toHandlers({
    [sessionTag]: (_, { client }) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const queue = yield* Queue.sliding<SessionEvent>(waitingEvents)
          const own = connection(client.id)
          if (own === undefined) return Stream.empty
          yield* Queue.offer(queue, { _tag: "Opened", requestId: own.requestId, expiresAt: own.expiresAt, limits })
          const tell = (event: SessionEvent) => void Queue.offerUnsafe(queue, event)
          own.tellSession = tell
          yield* Effect.addFinalizer(() =>
            Effect.sync(() => {
              if (own.tellSession === tell) own.tellSession = undefined
            })
          )
          return Stream.fromQueue(queue)
        })
      ),
    [renewTag]: ({ token }, { client }) =>
      Effect.suspend(() => {
        const own = connection(client.id)
        if (own === undefined) return Effect.interrupt
        const shown = token === undefined ? own.request : withToken(own.request, token)
        return Effect.map(own.renew(shown), () => ({ expiresAt: own.expiresAt }))
      }),
    "gateway.states": ({ since }) =>
      Stream.unwrap(
        Effect.map(CurrentCaller, ({ caller }) =>
          caller._tag === "Some" && caller.value.operator ? states.since(since) : Stream.die(notOperator)
        )
      )
  })
