import { type AnyCallable, type Codec, itemsOf, type Json, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { iteratedIn } from "./iterated.ts"

/** The fault is the handler's: what it gave is logged, and the caller is told that it failed. */
export const broken = (callable: AnyCallable, what: string, where = ""): Effect.Effect<never, PorticoError> =>
  Effect.andThen(
    Effect.logError(`${callable.path} ${what}`),
    Effect.fail(PorticoError.make("INTERNAL", `${callable.path} failed${where}.`))
  )

/** A result as JSON, or what the handler sends by itself where it was called by its URL. */
export const encodeResult = (
  callable: AnyCallable,
  result: unknown,
  { overHttp, read }: { readonly overHttp: boolean; readonly read: ReturnType<typeof iteratedIn> }
): Effect.Effect<unknown, PorticoError> => {
  if (result instanceof Response) {
    if (callable.contract.output !== "value") return broken(callable, "returned a Response, and its output streams")
    return overHttp ? Effect.succeed(result) : broken(callable, "returned a Response to a call that was no request")
  }
  if (callable.contract.output !== "value") return pieces(callable, itemsOf(result, read))
  const encoded = encode(callable, result)
  return Result.isSuccess(encoded)
    ? Effect.succeed(encoded.success)
    : broken(callable, `returned what its schema does not say: ${encoded.failure.message}`)
}

const encode = (callable: AnyCallable, value: unknown): Result.Result<Json, PorticoError> =>
  // Boundary: `AnyCallable` forgets what its codec encodes; the handler's own type holds it to it.
  (callable.result as Codec<unknown, unknown>).encode(value)

/** What a handler gives one after another, each piece as it travels. */
const pieces = (
  callable: AnyCallable,
  items: Stream.Stream<unknown, unknown> | undefined
): Effect.Effect<Stream.Stream<unknown, unknown>, PorticoError> => {
  if (items === undefined) return broken(callable, "returned neither a Stream nor an AsyncIterable")
  if (callable.contract.output === "binary") {
    return Effect.succeed(
      Stream.mapEffect(items, (piece) =>
        piece instanceof Uint8Array ? Effect.succeed(piece) : broken(callable, "gave something that is not bytes")
      )
    )
  }
  return Effect.sync(() => {
    let count = 0
    return Stream.mapEffect(items, (item) => {
      const index = count++
      const encoded = encode(callable, item)
      return Result.isSuccess(encoded)
        ? Effect.succeed(encoded.success)
        : broken(callable, `gave what its schema does not say: item ${index}: ${encoded.failure.message}`, at(index))
    })
  })
}

const at = (index: number): string => ` at item ${index}`
