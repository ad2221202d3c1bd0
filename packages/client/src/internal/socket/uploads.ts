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
 * Calls what reads a stream: each piece is sent when the one before was taken. What breaks off on this side gives the
 * call up; what is refused on the other side ends the sending.
 */
export const uploadOver = (instance: Instance, request: CallRequest): Effect.Effect<CallAnswer, PorticoError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { input: _, ...call } = request
      const { bytes, type } = bytesRead(request)
      const broken = yield* Deferred.make<never, PorticoError>()
      const sendPiece = (piece: Parameters<Instance["kernel.piece"]>[0]) =>
        Effect.mapError(instance["kernel.piece"](piece), porticoErrorOf)
      const send = (upload: string) =>
        bytes.pipe(
          Stream.flatMap((piece) => Stream.fromIterable(cut(piece))),
          Stream.runForEach((piece) => sendPiece({ upload, bytes: piece })),
          Effect.andThen(sendPiece({ upload, end: true })),
          // Of an upload that is over the call itself tells why.
          Effect.catchTag("NOT_FOUND", () => Effect.void),
          Effect.catch((error) => Deferred.fail(broken, error))
        )
      const answer = instance["kernel.upload"]({ ...call, inputType: type }).pipe(
        Stream.mapError(porticoErrorOf),
        Stream.tap((event) => ("upload" in event ? Effect.forkScoped(send(event.upload)) : Effect.void)),
        Stream.filter((event) => "result" in event),
        Stream.runHead
      )
      const told = yield* Effect.raceFirst(answer, Deferred.await(broken))
      if (Option.isSome(told)) return told.value
      return yield* PorticoError.make("INTERNAL", "The instance said nothing of what it read.")
    })
  )
