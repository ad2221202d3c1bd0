import * as Context from "effect/Context"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcMiddleware from "effect/rpc/RpcMiddleware"
import * as Schema from "effect/Schema"
import type { CurrentCaller } from "./contracts/Caller.ts"

/** Of what is JSON only: details of a failure must never be what makes it fail to be told. */
const jsonDetails = (details: unknown): Readonly<Record<string, Schema.Json>> | undefined => {
  try {
    const plain: unknown = JSON.parse(JSON.stringify(details ?? null))
    // Boundary: an object that came out of JSON.parse.
    return typeof plain === "object" && plain !== null && !Array.isArray(plain)
      ? (plain as Readonly<Record<string, Schema.Json>>)
      : undefined
  } catch {
    return undefined
  }
}

/**
 * What a call over the runtime socket fails with, besides the errors that it declares itself: the one error shape. The
 * codes are those of HTTP answers.
 */
export class SocketFailure extends Schema.TaggedError<SocketFailure>()("SocketFailure", {
  code: Schema.String,
  message: Schema.String,
  details: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  /** The id that the log has. */
  requestId: Schema.optionalKey(Schema.String)
}) {
  /** A failure of any package that has a code: what a handler fails with to be told just so. */
  static from(failure: {
    readonly code: string
    readonly message: string
    readonly details?: unknown
    readonly requestId?: string | undefined
  }): SocketFailure {
    const details = jsonDetails(failure.details)
    return new SocketFailure({
      code: failure.code,
      message: failure.message,
      ...(details === undefined ? {} : { details }),
      ...(failure.requestId === undefined ? {} : { requestId: failure.requestId })
    })
  }

  /** The same, of a call that the log knows by this id. */
  knownAs(requestId: string): SocketFailure {
    const { code, details, message } = this
    return SocketFailure.from({ code, message, details, requestId })
  }
}

/**
 * What every group of calls over the runtime socket is marked with: it says to both ends that a call may fail with a
 * {@link SocketFailure}, and gives `CurrentCaller` to handlers.
 */
export class SocketCall extends RpcMiddleware.Service<SocketCall, { readonly provides: CurrentCaller }>()(
  "@portico/gate/SocketCall",
  { error: SocketFailure }
) {}

/** Whether a streaming call goes on after any item that it is told; see {@link resumable}. */
export const Resumable = Context.Reference<boolean>("@portico/gate/Resumable", { defaultValue: () => false })

/**
 * A subscription that outlives its connection. Each item carries a position; asked again with `since`, the stream must
 * go on exactly after the item with that position. A restart of its module, a stop of the product and a connection that
 * is cut all end it at once, because nothing is lost by that.
 *
 * @example
 * ```ts
 * import { resumable, SocketCall } from "@portico/gate/rpc"
 * import * as RpcGroup from "effect/rpc/RpcGroup"
 * import * as Schema from "effect/Schema"
 *
 * const watch = resumable("notes.watch", { payload: { folder: Schema.String }, item: Schema.String })
 * export const NotesRpcs = RpcGroup.make(watch).middleware(SocketCall)
 * ```
 */
export const resumable = <const Tag extends string, const Fields extends Schema.Struct.Fields, Item extends Schema.Top>(
  tag: Tag,
  options: { readonly payload: Fields; readonly item: Item }
) =>
  Rpc.make(tag, {
    payload: Schema.Struct({ ...options.payload, since: Schema.optionalKey(Schema.String) }),
    success: Schema.Struct({ position: Schema.String, item: options.item }),
    stream: true
  }).annotate(Resumable, true)
