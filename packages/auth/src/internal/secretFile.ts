import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { AuthStartError } from "../AuthStartError.ts"
import { randomName } from "./secrets.ts"

const failed = (doing: string, file: string) => (cause: unknown) =>
  new AuthStartError({ message: `${doing} ${file} failed: ${cause instanceof Error ? cause.message : cause}`, cause })

/** Writes a file that only its owner may read, whole or not at all. */
export const writeSecretFile = Effect.fnUntraced(
  function* (file: string, content: string) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* fs.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 })
    const draft = `${file}.${randomName()}`
    yield* fs.writeFileString(draft, content, { flag: "wx", mode: 0o600 })
    yield* fs.rename(draft, file)
  },
  (effect, file) => Effect.mapError(effect, failed("Writing", file))
)

/** What is in a file of ours, if there is one. One that others may read is closed to them first. */
export const readSecretFile = Effect.fnUntraced(
  function* (file: string) {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(file))) return Option.none<string>()
    const { mode } = yield* fs.stat(file)
    if ((mode & 0o077) !== 0) {
      yield* Effect.logWarning(`${file} could be read by others; its mode is 0600 now.`)
      yield* fs.chmod(file, 0o600)
    }
    return Option.some(yield* fs.readFileString(file))
  },
  (effect, file) => Effect.mapError(effect, failed("Reading", file))
)
