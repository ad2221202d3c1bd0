import { PorticoError } from "@portico/schema"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { RpcClient } from "effect/rpc/RpcClient"
import type { RpcClientError } from "effect/rpc/RpcClientError"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import * as Stream from "effect/Stream"
import type { CallAnswer, CallRequest } from "../../Transport.ts"
import { bytesRead } from "../sent.ts"
import type { InstanceRpcs } from "./contract.ts"
import { porticoErrorOf } from "./failures.ts"

type Instance = RpcClient<RpcGroup.Rpcs<typeof InstanceRpcs>, RpcClientError>

/** Bytes in one message. */
const messageBytes = 262_144

const cut = (piece: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(piece.length / messageBytes) }, (_, n) =>
    piece.subarray(n * messageBytes, (n + 1) * messageBytes)
  )

/**
 * Calls what reads a stream, and gives what is told of it: each piece is sent when the one before was taken, while what
 * comes back is read as fast as it is wanted. What breaks off on this side gives the call up; what is refused, over or
 * read no further on the other side ends the sending.
 */
const toldOf = (instance: Instance, request: CallRequest, wants: "value" | "stream" | "binary") =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { input: _, ...call } = request
      const { bytes, type } = bytesRead(request)
      const scope = yield* Effect.scope
      const broken = yield* Deferred.make<never, PorticoError>()
      const sendPiece = (piece: Parameters<Instance["kernel.piece"]>[0]) =>
        Effect.mapError(instance["kernel.piece"](piece), porticoErrorOf)
      const send = (upload: string) =>
        bytes.pipe(
          Stream.tapError((error) => Deferred.fail(broken, error)),
          Stream.flatMap((piece) => Stream.fromIterable(cut(piece))),
          Stream.runForEach((piece) => sendPiece({ upload, bytes: piece })),
          Effect.andThen(sendPiece({ upload, end: true })),
          // Of an upload that is over the call itself tells why.
          Effect.catchTag("NOT_FOUND", () => Effect.void),
          Effect.catchCause((cause) => Deferred.failCause(broken, cause))
        )
      return instance["kernel.upload"]({ ...call, inputType: type, wants }).pipe(
        Stream.mapError(porticoErrorOf),
        Stream.tap((event) => ("upload" in event ? Effect.forkIn(send(event.upload), scope) : Effect.void)),
        Stream.interruptWhen(Deferred.await(broken))
      )
    })
  )

/** Calls what reads a stream and gives a value. */
export const uploadOver = (instance: Instance, request: CallRequest): Effect.Effect<CallAnswer, PorticoError> =>
  toldOf(instance, request, "value").pipe(
    Stream.filter((event) => "result" in event),
    Stream.runHead,
    Effect.flatMap(
      Option.match({
        onNone: () => Effect.fail(PorticoError.make("INTERNAL", "The instance said nothing of what it read.")),
        onSome: Effect.succeed
      })
    )
  )

/** Calls what reads a stream and gives one, both at once. */
export const exchangeOver = (
  instance: Instance,
  request: CallRequest,
  wants: "stream" | "binary"
): Stream.Stream<unknown, PorticoError> =>
  toldOf(instance, request, wants).pipe(
    Stream.filter((event) => "item" in event || "bytes" in event),
    Stream.map((event) => ("item" in event ? event.item : event.bytes))
  )
