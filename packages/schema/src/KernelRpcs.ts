/** The messages of the runtime socket that carry calls to the kernel: what an instance serves is what a client sends. */
import * as Rpc from "effect/rpc/Rpc"
import * as Schema from "effect/Schema"

const call = Schema.Struct({
  path: Schema.String,
  params: Schema.optionalKey(Schema.Unknown),
  self: Schema.optionalKey(Schema.String)
})

const value = Schema.Struct({ result: Schema.Unknown, seq: Schema.Int })

/**
 * The kernel's calls over the runtime socket, which fail with `failure`: `kernel.call` is `POST /api/call`, `kernel.stream`
 * the same for what streams, `kernel.bytes` for what gives bytes, `kernel.changes` is `GET /api/changes`. `kernel.upload`
 * calls what reads a stream, and gives what it is wanted for, a value unless told: it tells first under which name what is
 * read is to be sent, by a `kernel.piece` for each part of at most a message and a last one with `end`, and then what comes
 * of it, meanwhile or after. A piece is answered when there is room for the next.
 *
 * @example
 * ```ts
 * import { kernelRpcs } from "@portico/schema/KernelRpcs"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * const { call } = kernelRpcs(Schema.Struct({ code: Schema.String, message: Schema.String }))
 * export const Calls = RpcGroup.make(call)
 * ```
 */
export const kernelRpcs = <Failure extends Schema.Top>(failure: Failure) => ({
  call: Rpc.make("kernel.call", { payload: call, success: value, error: failure }),
  stream: Rpc.make("kernel.stream", { payload: call, success: Schema.Unknown, error: failure, stream: true }),
  bytes: Rpc.make("kernel.bytes", {
    payload: call,
    success: Schema.Uint8ArrayFromBase64,
    error: failure,
    stream: true
  }),
  upload: Rpc.make("kernel.upload", {
    payload: Schema.Struct({
      ...call.fields,
      inputType: Schema.String,
      wants: Schema.optionalKey(Schema.Literals(["value", "stream", "binary"]))
    }),
    success: Schema.Union([
      Schema.Struct({ upload: Schema.String }),
      value,
      Schema.Struct({ item: Schema.Unknown }),
      Schema.Struct({ bytes: Schema.Uint8ArrayFromBase64 })
    ]),
    error: failure,
    stream: true
  }),
  piece: Rpc.make("kernel.piece", {
    payload: Schema.Struct({
      upload: Schema.String,
      bytes: Schema.optionalKey(Schema.Uint8ArrayFromBase64),
      end: Schema.optionalKey(Schema.Literal(true))
    }),
    error: failure
  }),
  changes: Rpc.make("kernel.changes", {
    payload: Schema.Struct({
      under: Schema.optionalKey(Schema.String),
      class: Schema.optionalKey(Schema.String),
      since: Schema.optionalKey(Schema.String)
    }),
    success: Schema.Struct({ position: Schema.String, item: Schema.Unknown }),
    error: failure,
    stream: true
  })
})
