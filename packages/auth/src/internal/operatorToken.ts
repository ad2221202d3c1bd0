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
 * database, whose data folders hold good keys of their own. Gives whether one was made.
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
  if (Option.isSome(found) && (yield* isGood(keys, found.value.trim(), identity))) return false
  if (!isShared) yield* keys.revokeKind(identity, "operator-token")
  const { key } = yield* keys.create(identity, { name: operatorTokenFile, kind: "operator-token" })
  yield* writeSecretFile(file, `${key}\n`)
  return true
})

const isGood = (keys: ApiKeys, token: string, identity: string) =>
  keys.verify(token).pipe(
    Effect.map((key) => key.identity === identity && key.kind === "operator-token"),
    Effect.catchIf(
      (error) => typeof error === "string",
      () => Effect.succeed(false)
    )
  )
