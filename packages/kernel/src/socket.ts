import { CurrentCaller, SocketRpcs } from "@portico/gate"
import { SocketCall, SocketFailure } from "@portico/gate/rpc"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import { Authority } from "./Authority.ts"
import { jsonAnswer } from "./internal/http/answer.ts"
import { attempt } from "./internal/store/GraphStore.ts"
import { Kernel } from "./Kernel.ts"

/** The kernel's calls over the runtime socket: `kernel.call` is `POST /api/call`. */
export const KernelRpcs = RpcGroup.make(
  Rpc.make("kernel.call", {
    payload: Schema.Struct({
      path: Schema.String,
      params: Schema.optionalKey(Schema.Unknown),
      self: Schema.optionalKey(Schema.String)
    }),
    success: Schema.Struct({ result: Schema.Unknown, seq: Schema.Int }),
    error: SocketFailure
  })
).middleware(SocketCall)

const handlers = KernelRpcs.toLayer(
  Effect.map(Kernel, (kernel) => ({
    "kernel.call": (request) =>
      Effect.gen(function* () {
        const { caller } = yield* CurrentCaller
        const answer = yield* kernel.call(Authority.fromCaller(Option.getOrUndefined(caller)), request)
        return yield* attempt(() => jsonAnswer(answer))
      }).pipe(Effect.mapError(SocketFailure.from))
  }))
)

/** What the kernel contributes to the runtime socket. */
export const kernelCalls = SocketRpcs.of("kernel", KernelRpcs, handlers)
