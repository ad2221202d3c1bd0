/** What comes one after another: each item is coded by itself, and what does not fit is refused with its place. */
import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type Issue, PorticoError } from "./Errors.ts"

type Read = (iterable: AsyncIterable<unknown>) => Stream.Stream<unknown, unknown>

const plainly: Read = (iterable) => Stream.fromAsyncIterable(iterable, (cause) => cause)

/** A `Stream`, or an `AsyncIterable` that `read` makes one of; bytes are one piece. Undefined for anything else. */
export const itemsOf = (given: unknown, read: Read = plainly): Stream.Stream<unknown, unknown> | undefined => {
  // Boundary: whoever gives a stream gives one that needs no services.
  if (Stream.isStream(given)) return given as Stream.Stream<unknown, unknown>
  if (given instanceof Uint8Array) return Stream.make(given)
  if (typeof given !== "object" || given === null || !(Symbol.asyncIterator in given)) return undefined
  return read(given as AsyncIterable<unknown>)
}

/** Items coded as they are read. The first that does not fit ends them, with what `refused` makes of it and its place. */
export const codeItems = <A, E>(
  items: Stream.Stream<unknown, E>,
  code: (item: unknown) => Result.Result<A, PorticoError>,
  refused: (error: PorticoError, index: number) => PorticoError
): Stream.Stream<A, E | PorticoError> =>
  Stream.suspend(() => {
    let count = 0
    return Stream.mapEffect(items, (item) => {
      const index = count++
      return Effect.mapError(Effect.fromResult(code(item)), (error) => refused(error, index))
    })
  })

/** What is wrong with an item of what a callable reads: INVALID_PARAMS, whose issues are below `input` and its place. */
export const inputRefused = ({ details, message }: PorticoError, index: number): PorticoError<"INVALID_PARAMS"> => {
  // Boundary: codecs put their issues there.
  const issues = (details?.issues ?? []) as ReadonlyArray<Issue>
  return PorticoError.make("INVALID_PARAMS", `item ${index} of the input: ${message}`, {
    index,
    issues: issues.map((issue) => ({ ...issue, path: ["input", index, ...issue.path] }))
  })
}
