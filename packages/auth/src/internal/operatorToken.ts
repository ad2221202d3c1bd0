import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { ApiKeys } from "./apiKeys.ts"
import { readSecretFile, writeSecretFile } from "./secretFile.ts"

/** Name of the file in the data folder that the local command line reads. */
export const operatorTokenFile = "operator.token"

/**
 * Sees to it that `operator.token` holds a good key of `identity`, for its owner alone. A new one is made where the file
 * is missing or holds anything else; keys that it held before are revoked then, unless other processes share the
 * database, whose data folders hold good keys of their own. Gives the id of the key, and whether it was made now.
 */
export const keepOperatorToken = Effect.fnUntraced(function* (
  dataDir: string,
  identity: string,
  keys: ApiKeys,
  isShared: boolean
) {
  const path = yield* Path.Path
  const file = path.join(dataDir, operatorTokenFile)
  const found = yield* readSecretFile(file)
  const before = Option.isSome(found) ? yield* goodKey(keys, found.value.trim(), identity) : undefined
  if (before !== undefined) return { keyId: before, isNew: false }
  if (!isShared) yield* keys.revokeKind(identity, "operator-token")
  const { id, key } = yield* keys.create(identity, { name: operatorTokenFile, kind: "operator-token" })
  yield* writeSecretFile(file, `${key}\n`)
  return { keyId: id, isNew: true }
})

/** Id of the key in a token, if it is good. */
const goodKey = (keys: ApiKeys, token: string, identity: string) =>
  keys.verify(token).pipe(
    Effect.map((key) => (key.identity === identity && key.kind === "operator-token" ? key.id : undefined)),
    Effect.catchIf(
      (error) => typeof error === "string",
      () => Effect.undefined
    )
  )
