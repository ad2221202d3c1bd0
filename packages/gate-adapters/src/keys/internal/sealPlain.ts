import { isSecretName } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { namesIn, readPrivate, removePrivate, writePrivate } from "../../internal/privateFile.ts"
import type { Seal } from "./seal.ts"
import { sealedFile } from "./vault.ts"

/** Names of the secrets in a folder that are not encrypted. */
export const plainNames = (folder: string) => Effect.map(namesIn(folder), (names) => names.filter(isSecretName).sort())

/**
 * Encrypts what is in a folder in plain, and gives how much that was. A plain file goes when its sealed one is on the
 * disk, so a crash leaves both; one that is there beside a sealed one is therefore the same or newer.
 */
export const sealPlain = Effect.fnUntraced(function* (folder: string, seal: Seal) {
  const path = yield* Path.Path
  const names = yield* plainNames(folder)
  for (const name of names) {
    const file = path.join(folder, name)
    const secret = yield* readPrivate(file)
    if (Option.isNone(secret)) continue
    yield* writePrivate(folder, sealedFile(name), seal.close(name, secret.value))
    yield* removePrivate(folder, file)
  }
  return names.length
})
