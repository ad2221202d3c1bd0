import { type AnyCallable, codeItems, inputRefused, isPorticoError, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { InputStream } from "../Handler.ts"
import type { Invocation } from "../Invocation.ts"

type Input = Stream.Stream<unknown, PorticoError>

/** What a handler reads until the call is `over`; nothing where its callable reads nothing. */
export const inputOf = (
  callable: AnyCallable,
  { input, request }: Invocation,
  over: Effect.Effect<never, PorticoError>
): Effect.Effect<InputStream<unknown> | undefined, PorticoError> => {
  const { input: reads } = callable.contract
  if (reads === "value") return Effect.succeed(undefined)
  // The bytes of a request that came by the function's URL are there already, for checks of its signature.
  const given = input ?? (request === undefined || reads === "stream" ? undefined : Stream.make(request.body))
  if (given === undefined) return Effect.fail(lacking(callable))
  const told = Stream.interruptWhen(Stream.mapError(given, brokenOff), over)
  return asInput(reads === "binary" ? bytesOnly(callable, told) : codeItems(told, callable.takes.decode, inputRefused))
}

const lacking = ({ path }: AnyCallable): PorticoError =>
  PorticoError.make("INVALID_PARAMS", `${path} reads what is sent to it, and nothing was`, {
    issues: [{ path: ["input"], code: "required", message: "is required" }]
  })

const brokenOff = (cause: unknown): PorticoError =>
  isPorticoError(cause) ? cause : PorticoError.make("INVALID_BODY", "what was sent broke off")

const bytesOnly = ({ path }: AnyCallable, input: Input): Input =>
  Stream.mapEffect(input, (piece) =>
    piece instanceof Uint8Array
      ? Effect.succeed(piece)
      : Effect.fail(
          PorticoError.make("INVALID_PARAMS", `${path} reads bytes, and was given something else`, {
            issues: [{ path: ["input"], code: "bytes", message: "has to be bytes" }]
          })
        )
  )

const readTwice = PorticoError.make("INTERNAL", "The input of a call can be read once.")

/** A stream that is read once, and in either style. Whoever reads it in that of promises keeps the handler's clock. */
const asInput = (items: Input): Effect.Effect<InputStream<unknown>> =>
  Effect.contextWith((context) => {
    let isRead = false
    const once: Input = Stream.suspend(() => {
      if (isRead) return Stream.fail(readTwice)
      isRead = true
      return items
    })
    const iterable = Stream.toAsyncIterableWith(once, context)
    return Effect.succeed(Object.assign(once, { [Symbol.asyncIterator]: () => iterable[Symbol.asyncIterator]() }))
  })
