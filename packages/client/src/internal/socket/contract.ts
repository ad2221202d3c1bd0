import { kernelRpcs } from "@portico/schema/KernelRpcs"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"

// What an instance's socket speaks, as this side of it needs it. What is the framework's own (`gateway.*`, failures) the
// framework declares for itself: neither depends on the other. `apps/gateway` tests that both agree.

/** What a call fails with: the one error shape. */
export const SocketFailure = Schema.Struct({
  _tag: Schema.Literal("SocketFailure"),
  code: Schema.String,
  message: Schema.String,
  details: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  requestId: Schema.optionalKey(Schema.String)
})
export type SocketFailure = typeof SocketFailure.Type

const Expiry = Schema.NullOr(Schema.Finite)

const SessionEvent = Schema.Union([
  Schema.TaggedStruct("Opened", {
    requestId: Schema.String,
    expiresAt: Expiry,
    limits: Schema.Struct({ calls: Schema.Int, frameBytes: Schema.Int })
  }),
  Schema.TaggedStruct("Heartbeat", {}),
  Schema.TaggedStruct("Draining", { millis: Schema.Finite })
])
export type SessionEvent = typeof SessionEvent.Type

/** The state of a module, as `GET /gateway/v1/internal/modules` has it. */
const State = Schema.Struct({
  id: Schema.String,
  displayName: Schema.String,
  status: Schema.String,
  since: Schema.Finite,
  reason: Schema.NullOr(Schema.String),
  waitingOn: Schema.Array(Schema.String)
})
export type InstanceModuleState = typeof State.Type

const kernel = kernelRpcs(SocketFailure)

export const InstanceRpcs = RpcGroup.make(
  Rpc.make("gateway.session", { success: SessionEvent, error: SocketFailure, stream: true }),
  Rpc.make("gateway.renew", {
    payload: Schema.Struct({ token: Schema.optionalKey(Schema.String) }),
    success: Schema.Struct({ expiresAt: Expiry }),
    error: SocketFailure
  }),
  Rpc.make("gateway.states", {
    payload: Schema.Struct({ since: Schema.optionalKey(Schema.String) }),
    success: Schema.Struct({ position: Schema.String, item: Schema.Array(State) }),
    error: SocketFailure,
    stream: true
  }),
  kernel.call,
  kernel.stream,
  kernel.bytes,
  kernel.upload,
  kernel.piece,
  kernel.changes
)
