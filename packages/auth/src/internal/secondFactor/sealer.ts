import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { GateError } from "@portico/gate"
import { KeyStore } from "@portico/gate/contracts"
import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import type { AuthStartError } from "../../AuthStartError.ts"
import { type KeyPlace, keyPlace } from "../keys/keyPlace.ts"
import { randomSecret } from "../secrets.ts"
import { stored } from "../store.ts"

/** Seals what has to be read again, so that a copy of the database alone gives nothing away. */
export interface Sealer {
  /** `owner` is whose it is: sealed for one, it opens for nobody else. */
  readonly seal: (text: string, owner: string) => Effect.Effect<string, GateError | DatabaseError>
  /** Fails with UNAVAILABLE where it was sealed with another key, or changed. */
  readonly open: (sealed: string, owner: string) => Effect.Effect<string, GateError | DatabaseError>
}

const algorithm = "aes-256-gcm"
const unreadable = GateError.make(
  "UNAVAILABLE",
  "A secret cannot be read: the key that it was sealed with is not there."
)

const names = { secret: "auth.sealing-key", file: "sealing-key", what: "The sealing key" }

/** Processes with folders of their own meet in the database; a key store keeps the key out of that. */
const inDatabase = ({ sql }: DatabaseService) =>
  Effect.gen(function* () {
    const name = "sealing-key"
    const value = randomSecret()
    yield* stored(sql`INSERT INTO auth_state ${sql.insert({ name, value })} ON CONFLICT (name) DO NOTHING`)
    const [row] = yield* stored(sql<{ readonly value: string }>`SELECT value FROM auth_state WHERE name = ${name}`)
    return row?.value ?? value
  })

const inPlace = (place: KeyPlace) =>
  Effect.gen(function* () {
    const found = yield* place.read
    if (Option.isSome(found)) return found.value.trim()
    const made = randomSecret()
    yield* place.write(`${made}\n`)
    return made
  })

/** `shared` is the database where other processes use it, too. The key is made when something is first sealed. */
export const makeSealer = Effect.fnUntraced(function* (dataDir: string, shared: DatabaseService | undefined) {
  const hasStore = Option.isSome(yield* Effect.serviceOption(KeyStore))
  const found: Effect.Effect<string, AuthStartError | DatabaseError> =
    shared !== undefined && !hasStore ? inDatabase(shared) : inPlace(yield* keyPlace(dataDir, names))
  const turn = yield* Semaphore.make(1)
  let known: Buffer | undefined

  const key = turn
    .withPermit(
      Effect.suspend(() =>
        known === undefined
          ? Effect.map(found, (text) => {
              known = Buffer.from(text, "base64url")
              return known
            })
          : Effect.succeed(known)
      )
    )
    .pipe(
      Effect.catchTag("AuthStartError", (error) =>
        Effect.andThen(Effect.logError(error.message), Effect.fail(unreadable))
      )
    )

  const sealer: Sealer = {
    seal: (text, owner) =>
      Effect.map(key, (key) => {
        const nonce = randomBytes(12)
        const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(owner))
        const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()])
        return sealed.toString("base64url")
      }),
    open: (sealed, owner) =>
      Effect.flatMap(key, (key) =>
        Effect.try({
          try: () => {
            const bytes = Buffer.from(sealed, "base64url")
            const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, 12))
              .setAAD(Buffer.from(owner))
              .setAuthTag(bytes.subarray(-16))
            return decipher.update(bytes.subarray(12, -16), undefined, "utf8") + decipher.final("utf8")
          },
          catch: () => unreadable
        })
      )
  }
  return sealer
})
