import { argon2, randomBytes } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { keyLength } from "./seal.ts"

/** What secrets are encrypted with: a key of 32 bytes as base64, or words from which one is made. */
export type MasterKey =
  | { readonly _tag: "Key"; readonly key: Redacted.Redacted<string> }
  | { readonly _tag: "Passphrase"; readonly passphrase: Redacted.Redacted<string> }

const Cost = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** How a key is made from a passphrase, as it is kept beside what the key encrypts. */
export const Derivation = Schema.Struct({
  algorithm: Schema.Literal("argon2id"),
  /** Base64. */
  salt: Schema.String,
  /** KiB. */
  memory: Cost(8, 1_048_576),
  passes: Cost(1, 64),
  lanes: Cost(1, 64)
})
export type Derivation = typeof Derivation.Type

/** RFC 9106, section 4: the second recommended choice, 64 MiB in 3 passes. */
export const newDerivation = (): Derivation => ({
  algorithm: "argon2id",
  salt: randomBytes(16).toString("base64"),
  memory: 65_536,
  passes: 3,
  lanes: 4
})

const base64Key = /^[A-Za-z0-9+/_-]{43}=?$/

/** Whether `text` is 32 bytes as base64, in either alphabet. */
export const isMasterKey = (text: string): boolean => base64Key.test(text)

/** The bytes to encrypt with. `derivation` is for passphrases. */
export const bytesOf = (master: MasterKey, derivation: Derivation | undefined): Effect.Effect<Uint8Array> => {
  if (master._tag === "Key") return Effect.sync(() => Buffer.from(Redacted.value(master.key), "base64"))
  if (derivation === undefined) return Effect.die(new Error("a passphrase needs a derivation"))
  const { lanes, memory, passes, salt } = derivation
  const message = Redacted.value(master.passphrase).normalize("NFC")
  const parameters = {
    message,
    nonce: Buffer.from(salt, "base64"),
    memory,
    passes,
    parallelism: lanes,
    tagLength: keyLength
  }
  return Effect.callback((resume) => {
    argon2("argon2id", parameters, (error, key) => resume(error === null ? Effect.succeed(key) : Effect.die(error)))
  })
}
