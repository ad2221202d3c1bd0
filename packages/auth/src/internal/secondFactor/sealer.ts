import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { GateError } from "@portico/gate"
import type { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import type { AuthStartError } from "../../AuthStartError.ts"
import type { SealingKeys } from "./sealingKeys.ts"

/** Seals what has to be read again, so that a copy of the database alone gives nothing away. */
export interface Sealer {
  /** `owner` is whose it is: sealed for one, it opens for nobody else. */
  readonly seal: (text: string, owner: string) => Effect.Effect<string, GateError | DatabaseError>
  /** Fails with UNAVAILABLE where it was sealed with a key that is not here, or changed. */
  readonly open: (sealed: string, owner: string) => Effect.Effect<string, GateError | DatabaseError>
}

const algorithm = "aes-256-gcm"
const unreadable = GateError.make(
  "UNAVAILABLE",
  "A secret cannot be read: the key that it was sealed with is not there."
)

const told = <A>(effect: Effect.Effect<A, AuthStartError | DatabaseError>) =>
  Effect.catchTag(effect, "AuthStartError", (error) =>
    Effect.andThen(Effect.logError(error.message), Effect.fail(unreadable))
  )

const encrypt = (text: string, key: Buffer, owner: string): string => {
  const nonce = randomBytes(12)
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(owner))
  return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64url")
}

const decrypt = (sealed: string, key: Buffer, owner: string): string => {
  const bytes = Buffer.from(sealed, "base64url")
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, 12))
    .setAAD(Buffer.from(owner))
    .setAuthTag(bytes.subarray(-16))
  return decipher.update(bytes.subarray(12, -16), undefined, "utf8") + decipher.final("utf8")
}

/** A sealed text begins with the id of its key and a dot, unless that key has no id. */
export const makeSealer = (keys: Pick<SealingKeys, "current" | "find">): Sealer => ({
  seal: (text, owner) =>
    Effect.map(told(keys.current), ({ id, key }) => `${id === "" ? "" : `${id}.`}${encrypt(text, key, owner)}`),
  open: (sealed, owner) =>
    Effect.gen(function* () {
      const dot = sealed.indexOf(".")
      const key = yield* told(keys.find(dot === -1 ? "" : sealed.slice(0, dot)))
      if (key === undefined) return yield* unreadable
      return yield* Effect.try({ try: () => decrypt(sealed.slice(dot + 1), key, owner), catch: () => unreadable })
    })
})
