/** Hands a key to a process so that only that process can read it: JWE with ECDH-ES on X25519 (RFC 7516, RFC 8037). */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CompactEncrypt, calculateJwkThumbprint, compactDecrypt, exportJWK, generateKeyPair, importJWK } from "jose"
import { AuthStartError } from "../../AuthStartError.ts"
import type { KeyNames, KeyPlace } from "../keys/keyPlace.ts"

const algorithm = "ECDH-ES"
const encryption = "A256GCM"

export const unsealingKeyNames: KeyNames = {
  secret: "auth.unsealing-key",
  file: "unsealing-key.json",
  what: "The unsealing key"
}

/** A process that keys are handed to, by its public key. */
export interface Recipient {
  /** Thumbprint of the key (RFC 7638). */
  readonly id: string
  /** As in a JWK: the X25519 public key in base64url. */
  readonly x: string
}

/** This process, which has the private half. */
export interface OwnRecipient extends Recipient {
  readonly d: string
}

const publicJwk = (x: string) => ({ kty: "OKP", crv: "X25519", x }) as const

const Kept = Schema.fromJsonString(Schema.Struct({ x: Schema.String, d: Schema.String }))
const decode = Schema.decodeUnknownOption(Kept)

const damaged = (name: string) =>
  new AuthStartError({
    message: `${name} cannot be used. Put a copy back, or remove it: other processes then hand over again what they have.`
  })

const generated = Effect.promise(async () => {
  const { privateKey } = await generateKeyPair(algorithm, { crv: "X25519", extractable: true })
  return `${JSON.stringify(await exportJWK(privateKey))}\n`
})

/** The key pair of this process, made where there is none; its private half never leaves `place`. */
export const ownRecipient = Effect.fnUntraced(function* (place: KeyPlace) {
  if (Option.isNone(yield* place.read)) yield* place.write(yield* generated)
  // Read again: of two processes that share a folder and begin together, both use what was written last.
  const kept = Option.flatMap(yield* place.read, decode)
  if (Option.isNone(kept)) return yield* damaged(place.name)
  const { d, x } = kept.value
  const id = yield* Effect.tryPromise({
    try: () => calculateJwkThumbprint(publicJwk(x)),
    catch: () => damaged(place.name)
  })
  return { id, x, d } satisfies OwnRecipient
})

/** A key for a recipient. `id` is the key's, and goes along. */
export const wrapFor = ({ x }: Recipient, id: string, key: Buffer): Effect.Effect<string> =>
  Effect.promise(async () =>
    new CompactEncrypt(key)
      .setProtectedHeader({ alg: algorithm, enc: encryption, kid: id })
      .encrypt(await importJWK(publicJwk(x), algorithm))
  )

/** The key that was wrapped, if it is the one with this id and for this process. */
export const unwrap = ({ d, x }: OwnRecipient, id: string, wrapped: string): Effect.Effect<Buffer | undefined> =>
  Effect.tryPromise(async () => {
    const allowed = { keyManagementAlgorithms: [algorithm], contentEncryptionAlgorithms: [encryption] }
    const { plaintext, protectedHeader } = await compactDecrypt(
      wrapped,
      await importJWK({ ...publicJwk(x), d }, algorithm),
      allowed
    )
    return protectedHeader.kid === id ? Buffer.from(plaintext) : undefined
  }).pipe(Effect.orElseSucceed(() => undefined))
