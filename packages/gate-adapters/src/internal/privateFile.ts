import { randomBytes } from "node:crypto"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"

const isMissing = (error: PlatformError.PlatformError): boolean => error.reason._tag === "NotFound"

/**
 * Writes a file that only its owner may read: whole or not at all, and on the disk when this ends. What is written
 * meanwhile has a name that begins with a dot.
 */
export const writePrivate = Effect.fnUntraced(function* (folder: string, name: string, content: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* fs.makeDirectory(folder, { recursive: true, mode: 0o700 })
  const draft = path.join(folder, `.${randomBytes(10).toString("hex")}`)
  const write = Effect.gen(function* () {
    const file = yield* fs.open(draft, { flag: "wx", mode: 0o600 })
    if (content !== "") yield* file.writeAll(new TextEncoder().encode(content))
    yield* file.sync
  })
  yield* Effect.scoped(write).pipe(
    Effect.andThen(fs.rename(draft, path.join(folder, name))),
    Effect.onError(() => Effect.ignore(fs.remove(draft, { force: true })))
  )
  yield* syncFolder(folder)
})

/** What is in the file, if it is there. One that others may read is closed to them first. */
export const readPrivate = Effect.fnUntraced(function* (file: string) {
  const fs = yield* FileSystem.FileSystem
  const read = Effect.gen(function* () {
    const { mode } = yield* fs.stat(file)
    if ((mode & 0o077) !== 0) {
      yield* Effect.logWarning(`${file} could be read by others; its mode is 0600 now.`)
      yield* fs.chmod(file, 0o600)
    }
    return Option.some(yield* fs.readFileString(file))
  })
  return yield* Effect.catchIf(read, isMissing, () => Effect.succeed(Option.none<string>()))
})

/** Whether there was such a file. */
export const removePrivate = Effect.fnUntraced(function* (folder: string, file: string) {
  const fs = yield* FileSystem.FileSystem
  const removed = yield* fs.remove(file).pipe(
    Effect.as(true),
    Effect.catchIf(isMissing, () => Effect.succeed(false))
  )
  if (removed) yield* syncFolder(folder)
  return removed
})

/** Names in a folder, which need not be there. */
export const namesIn = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.catchIf(fs.readDirectory(folder), isMissing, () => Effect.succeed<Array<string>>([]))
})

// A rename is only sure to survive a power cut once its folder is on the disk. Not every system can be asked for that.
const syncFolder = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.ignore(Effect.scoped(Effect.flatMap(fs.open(folder, { flag: "r" }), (opened) => opened.sync)))
})
