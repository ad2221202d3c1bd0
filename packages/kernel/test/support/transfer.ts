import { K, type ParamsOf, type ResultOf } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Authority, Kernel } from "../../src/index.ts"

export type Imported = ResultOf<typeof K.Node.import>

/** A file as it was exported. */
export const exported = Effect.fnUntraced(function* (
  params: ParamsOf<typeof K.Node.export> = {},
  as: Authority = Authority.system
) {
  const kernel = yield* Kernel
  const { result } = yield* kernel.call(as, { path: K.Node.export.path, params })
  // Boundary: what the contract of `export` says.
  const bytes = result as Stream.Stream<Uint8Array, import("@portico/schema").PorticoError>
  return yield* Stream.mkString(Stream.decodeText(bytes))
})

/** The rows of such a file, without its first and last line. */
export const rowsOf = (file: string): ReadonlyArray<Record<string, unknown>> =>
  file
    .split("\n")
    .filter((line) => line !== "")
    .slice(1, -1)
    .map((line) => JSON.parse(line))

const pieceSize = 1_000

const piecesOf = (bytes: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(bytes.length / pieceSize) }, (_, at) =>
    bytes.subarray(at * pieceSize, (at + 1) * pieceSize)
  )

/** Imports a file: text, bytes, or values to be written as lines of JSON. */
export const imported = Effect.fnUntraced(function* (
  file: string | Uint8Array | ReadonlyArray<unknown>,
  params: ParamsOf<typeof K.Node.import> = {},
  as: Authority = Authority.system
) {
  const kernel = yield* Kernel
  const text = Array.isArray(file) ? file.map((row) => `${JSON.stringify(row)}\n`).join("") : file
  const bytes = typeof text === "string" ? Buffer.from(text) : (text as Uint8Array)
  const input = Stream.fromIterable(piecesOf(bytes))
  const { result } = yield* kernel.call(as, { path: K.Node.import.path, params, input })
  return result as Imported
})
