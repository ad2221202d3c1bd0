import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Predicate from "effect/Predicate"
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose"
import { AuthStartError } from "../AuthStartError.ts"
import { readSecretFile, writeSecretFile } from "./secretFile.ts"

/** An Ed25519 key that this instance signs with. */
interface PrivateJwk {
  readonly kty: "OKP"
  readonly crv: "Ed25519"
  readonly x: string
  readonly d: string
}

/** The instance's own keys. The first one of the file signs, all of them verify. */
export interface SigningKeys {
  readonly active: { readonly kid: string; readonly privateKey: CryptoKey }
  /** By `kid`. */
  readonly verifying: ReadonlyMap<string, CryptoKey>
  /** The public halves, as they are published (RFC 7517). */
  readonly jwks: { readonly keys: ReadonlyArray<JWK> }
}

const fileName = "signing-keys.json"

/** Reads the keys from the data folder, or makes the first one. A file that is damaged is left as it is. */
export const loadSigningKeys = Effect.fnUntraced(function* (dataDir: string) {
  const path = yield* Path.Path
  const file = path.join(dataDir, fileName)
  const found = yield* readSecretFile(file)
  if (Option.isSome(found)) return yield* importKeys(file, parse(found.value))
  const made = yield* generate
  yield* writeSecretFile(file, `${JSON.stringify({ keys: made }, undefined, 2)}\n`)
  return yield* importKeys(file, made)
})

const generate = Effect.promise(async () => {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true })
  const jwk = await exportJWK(privateKey)
  return isPrivateJwk(jwk) ? [pick(jwk)] : []
})

/** Keys that are kept nowhere. */
export const generateKeys = Effect.flatMap(generate, (jwks) => importKeys("a new key", jwks))

const parse = (text: string): ReadonlyArray<PrivateJwk> | undefined => {
  try {
    const json: unknown = JSON.parse(text)
    if (!Predicate.hasProperty(json, "keys") || !Array.isArray(json.keys)) return undefined
    const keys: ReadonlyArray<unknown> = json.keys
    return keys.length > 0 && keys.every(isPrivateJwk) ? keys.map(pick) : undefined
  } catch {
    return undefined
  }
}

const isPrivateJwk = (u: unknown): u is PrivateJwk =>
  Predicate.hasProperty(u, "kty") &&
  u.kty === "OKP" &&
  Predicate.hasProperty(u, "crv") &&
  u.crv === "Ed25519" &&
  Predicate.hasProperty(u, "x") &&
  typeof u.x === "string" &&
  Predicate.hasProperty(u, "d") &&
  typeof u.d === "string"

const pick = ({ kty, crv, x, d }: PrivateJwk): PrivateJwk => ({ kty, crv, x, d })

const importKeys = (
  file: string,
  jwks: ReadonlyArray<PrivateJwk> | undefined
): Effect.Effect<SigningKeys, AuthStartError> =>
  Effect.tryPromise({
    try: async () => {
      const keys = await Promise.all((jwks ?? []).map(importKey))
      const [first] = keys
      if (first === undefined) throw new Error("it holds no Ed25519 private keys")
      return {
        active: { kid: first.kid, privateKey: first.privateKey },
        verifying: new Map(keys.map(({ kid, publicKey }) => [kid, publicKey])),
        jwks: { keys: keys.map(({ published }) => published) }
      }
    },
    catch: (cause) =>
      new AuthStartError({
        message: `${file} cannot be used: ${cause instanceof Error ? cause.message : cause}. Put a copy back, or remove it to start with a new key, which ends all access tokens.`,
        cause
      })
  })

const importKey = async (jwk: PrivateJwk) => {
  const publicJwk = { kty: jwk.kty, crv: jwk.crv, x: jwk.x }
  const kid = await calculateJwkThumbprint(publicJwk)
  return {
    kid,
    privateKey: await asKey(jwk),
    publicKey: await asKey(publicJwk),
    published: { ...publicJwk, kid, use: "sig", alg: "EdDSA" }
  }
}

const asKey = async (jwk: JWK): Promise<CryptoKey> => {
  const key = await importJWK(jwk, "EdDSA")
  if (key instanceof Uint8Array) throw new Error("it holds a symmetric key")
  return key
}
