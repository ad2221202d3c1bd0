import type { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import type { AuthStartError } from "../../AuthStartError.ts"
import type { KeyNames, KeyPlace } from "../keys/keyPlace.ts"
import { randomSecret } from "../secrets.ts"

type Failure = AuthStartError | DatabaseError

/** Keys of 256 bits that secrets are sealed with, by an id that may be empty. */
export interface SealingKeys {
  /** The one that seals; it is made when something is first sealed. */
  readonly current: Effect.Effect<{ readonly id: string; readonly key: Buffer }, Failure>
  /** One that may have sealed something; nothing where this process does not have it. */
  readonly find: (id: string) => Effect.Effect<Buffer | undefined, Failure>
}

export const sealingKeyNames: KeyNames = {
  secret: "auth.sealing-key",
  file: "sealing-key",
  what: "The sealing key"
}

/** The bytes of a key as it is kept. */
export const keyOfText = (text: string): Buffer => Buffer.from(text.trim(), "base64url")

/** The only key of an instance that is one process. */
export const makeOwnSealingKey = (place: KeyPlace): Effect.Effect<SealingKeys> =>
  Effect.map(Semaphore.make(1), (turn) => {
    let known: Buffer | undefined
    const readOrMake = Effect.gen(function* () {
      const found = yield* place.read
      if (Option.isSome(found)) return keyOfText(found.value)
      const made = randomSecret()
      yield* place.write(`${made}\n`)
      return keyOfText(made)
    })
    const key = turn.withPermit(
      Effect.suspend(() =>
        known === undefined
          ? Effect.map(readOrMake, (found) => {
              known = found
              return found
            })
          : Effect.succeed(known)
      )
    )
    return {
      current: Effect.map(key, (key) => ({ id: "", key })),
      find: (id) => (id === "" ? key : Effect.undefined)
    }
  })
