import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Line, LineSplitter } from "./LineSplitter.ts"

const itemOf = (line: Line): Effect.Effect<unknown, PorticoError> => {
  const refused = ({ code, details, message }: PorticoError) =>
    Effect.fail(
      PorticoError.fromJson({
        code,
        message: `line ${line.line}: ${message}`,
        details: { ...details, line: line.line }
      })
    )
  if ("problem" in line) return refused(line.problem)
  try {
    return Effect.succeed(JSON.parse(line.text))
  } catch {
    return refused(PorticoError.make("INVALID_BODY", "this is not JSON"))
  }
}

/** The values of lines of JSON. */
export const jsonItems = (bytes: Stream.Stream<Uint8Array, PorticoError>): Stream.Stream<unknown, PorticoError> =>
  Stream.suspend(() => {
    const splitter = new LineSplitter()
    const lines = Stream.concat(
      Stream.flatMap(bytes, (piece) => Stream.fromIterable(splitter.push(piece))),
      Stream.suspend(() => Stream.fromIterable(splitter.end()))
    )
    return Stream.mapEffect(lines, itemOf)
  })
