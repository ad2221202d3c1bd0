import type { DatabaseService } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import { keepHouse } from "../housekeeping.ts"
import { keyPlace } from "../keys/keyPlace.ts"
import { unsealingKeyNames } from "./recipient.ts"
import { makeSealer } from "./sealer.ts"
import { makeOwnSealingKey, sealingKeyNames } from "./sealingKeys.ts"
import { makeSharedSealingKeys } from "./sharedSealingKeys.ts"

/**
 * Seals with the only key of this process, or, where other processes use the `shared` database too, with keys that they
 * hand to each other.
 */
export const makeSealing = Effect.fnUntraced(function* (dataDir: string, shared: DatabaseService | undefined) {
  const own = yield* keyPlace(dataDir, sealingKeyNames)
  if (shared === undefined) return makeSealer(yield* makeOwnSealingKey(own))
  const keys = yield* makeSharedSealingKeys(shared, yield* keyPlace(dataDir, unsealingKeyNames), own)
  yield* Effect.forkScoped(keepHouse({ "look after the sealing keys": keys.tend }))
  // Somebody who comes to a new process first need not wait long.
  yield* Effect.forkScoped(keepHouse({ "hand on the sealing keys": keys.share }, "10 seconds"))
  return makeSealer(keys)
})
