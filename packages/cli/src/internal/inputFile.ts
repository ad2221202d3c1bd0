import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import * as Effect from "effect/Effect"
import { CurrentIo, type Io } from "../Io.ts"
import { type CliFailure, usage } from "./failure.ts"

/** Bytes of a file, undefined for stdin, whose end is not known before it comes. */
export const sizeOf = (file: string): Effect.Effect<number | undefined, CliFailure> =>
  file === "-"
    ? Effect.succeed(undefined)
    : Effect.tryPromise({
        try: async () => (await stat(file)).size,
        catch: () => usage(`There is no file ${file} that can be read`)
      })

/** What is in a file, as it is read; `-` is stdin. */
export const fileOf = (file: string): Effect.Effect<AsyncIterable<Uint8Array>, CliFailure, CurrentIo> =>
  Effect.gen(function* () {
    yield* sizeOf(file)
    const io = yield* CurrentIo
    return file === "-" ? stdinOf(io) : createReadStream(file)
  })

async function* stdinOf({ stdin }: Io): AsyncGenerator<Uint8Array> {
  if (stdin.bytes === undefined) yield new TextEncoder().encode(await stdin.text())
  else yield* stdin.bytes()
}
