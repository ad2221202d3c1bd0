import { CurrentCaller, SocketRpcs } from "@portico/gate"
import { Resumable, SocketCall, SocketFailure } from "@portico/gate/rpc"
import { isPorticoError, itemsOf, K, PorticoError } from "@portico/schema"
import { kernelRpcs } from "@portico/schema/KernelRpcs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Stream from "effect/Stream"
import { Authority } from "./Authority.ts"
import { isAfter, parsePosition, positionOf, sinceOf } from "./internal/changes/position.ts"
import { Uploads } from "./internal/socket/Uploads.ts"
import { type CallRequest, Kernel } from "./Kernel.ts"

const rpcs = kernelRpcs(SocketFailure)

/** The kernel's calls over the runtime socket. */
export const KernelRpcs = RpcGroup.make(
  rpcs.call,
  rpcs.stream,
  rpcs.bytes,
  rpcs.upload,
  rpcs.piece,
  rpcs.changes.annotate(Resumable, true)
).middleware(SocketCall)

const authority = Effect.map(CurrentCaller, ({ caller, from }) =>
  Authority.fromCaller(Option.getOrUndefined(caller), from)
)

/** Whose an upload is: a socket has somebody behind it. */
const uploader = Effect.map(CurrentCaller, ({ caller }) =>
  Option.match(caller, { onNone: () => "", onSome: ({ id }) => id })
)

const notAsAgreed = PorticoError.make("DISPATCH_FAILED", "the callable gave something else than its contract says")
const invalidSince = SocketFailure.from(
  PorticoError.make("INVALID_PARAMS", "since is the position of a change", {
    issues: [{ path: ["since"], code: "since", message: "commit and part, for example 17.2" }]
  })
)

/** What a call tells that reads a stream. */
type Telling = Stream.Stream<
  { readonly result: unknown; readonly seq: number } | { readonly item: unknown } | { readonly bytes: Uint8Array },
  SocketFailure,
  CurrentCaller
>

/** A stream's own failures, told as the calls' are. */
const toldAs = (error: unknown): Effect.Effect<never, SocketFailure> =>
  isPorticoError(error) ? Effect.fail(SocketFailure.from(error)) : Effect.die(error)

const handlers = KernelRpcs.toLayer(
  Effect.map(Kernel, (kernel) => {
    const call = (request: CallRequest) =>
      Effect.flatMap(authority, (caller) => kernel.call(caller, request)).pipe(Effect.mapError(SocketFailure.from))

    const streamOf = (wants: "stream" | "binary", request: CallRequest) =>
      Stream.unwrap(
        Effect.map(call({ ...request, wants }), ({ result }) =>
          Stream.catch(itemsOf(result) ?? Stream.fail(notAsAgreed), (error) => Stream.fromEffect(toldAs(error)))
        )
      )
    const value = (request: CallRequest) =>
      Effect.map(call({ ...request, wants: "value" }), ({ result = null, seq }) => ({ result, seq }))
    const stream = (request: CallRequest) => streamOf("stream", request)
    const bytes = (request: CallRequest) =>
      // A message each.
      Stream.rechunk(
        Stream.flatMap(streamOf("binary", request), (piece) => Stream.fromIterable(cut(piece))),
        1
      )
    const given: Record<NonNullable<CallRequest["wants"]>, (request: CallRequest) => Telling> = {
      value: (request: CallRequest) => Stream.fromEffect(value(request)),
      stream: (request: CallRequest) => Stream.map(stream(request), (item = null) => ({ item })),
      binary: (request: CallRequest) => Stream.map(bytes(request), (piece) => ({ bytes: piece }))
    }
    const uploads = new Uploads()

    return {
      "kernel.call": value,
      "kernel.stream": stream,
      "kernel.bytes": bytes,
      "kernel.upload": ({ wants = "value", ...request }) =>
        Stream.unwrap(
          Effect.gen(function* () {
            const { id, input } = yield* uploads.begin(yield* uploader)
            return Stream.concat(Stream.succeed({ upload: id }), given[wants]({ ...request, input }))
          })
        ),
      "kernel.piece": ({ bytes, end, upload }) =>
        Effect.gen(function* () {
          const owner = yield* uploader
          if (bytes !== undefined) yield* uploads.push(owner, upload, bytes)
          if (end === true) yield* uploads.push(owner, upload, undefined)
        }).pipe(Effect.mapError(SocketFailure.from)),
      "kernel.changes": ({ since, ...params }) => {
        const position = since === undefined ? undefined : parsePosition(since)
        if (since !== undefined && position === undefined) return Stream.fail(invalidSince)
        const from = position === undefined ? {} : { since: sinceOf(position) }
        return stream({ path: K.Node.changes.path, params: { ...params, ...from } }).pipe(
          Stream.filter((item) => position === undefined || isAfter(item, position)),
          Stream.map((item) => ({ position: positionOf(item) ?? "", item }))
        )
      }
    }
  })
)

/** Bytes in one message. */
const messageBytes = 65_536

/** A piece of bytes in parts of a message each. */
const cut = (piece: unknown): ReadonlyArray<Uint8Array> => {
  if (!(piece instanceof Uint8Array)) throw new Error("a binary result gave something that is not bytes")
  return Array.from({ length: Math.ceil(piece.length / messageBytes) }, (_, n) =>
    piece.subarray(n * messageBytes, (n + 1) * messageBytes)
  )
}

/** What the kernel contributes to the runtime socket. */
export const kernelCalls = SocketRpcs.of("kernel", KernelRpcs, handlers)
