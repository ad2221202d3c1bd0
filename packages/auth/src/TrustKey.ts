import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"

/** An Ed25519 key pair: an operator's root, or a node's own. Each half is 32 bytes as 64 hexadecimal digits. */
export interface TrustKeyPair {
  /** The seed (RFC 8032). A secret. */
  readonly privateKey: string
  readonly publicKey: string
}

/** The DER of a PKCS #8 Ed25519 key (RFC 8410, section 7) up to where its 32 bytes begin. */
const pkcs8Start = Buffer.from("302e020100300506032b657004220420", "hex")

/** Whether a text is 32 bytes in hexadecimal, in lower case. */
export const isHexKey = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/** The key of a JWK in hexadecimal, and back. */
export const hexOf = (x: string): string => Buffer.from(x, "base64url").toString("hex")
export const base64urlOf = (hex: string): string => Buffer.from(hex, "hex").toString("base64url")

/** A public key as a JWK (RFC 8037). */
export const jwkOf = (publicKey: string) => ({ kty: "OKP", crv: "Ed25519", x: base64urlOf(publicKey) }) as const

const pairOf = (key: KeyObject): TrustKeyPair => {
  const { d, x } = key.export({ format: "jwk" })
  if (d === undefined || x === undefined) throw new Error("an Ed25519 key has no d or x")
  return { privateKey: hexOf(d), publicKey: hexOf(x) }
}

/**
 * A new key pair.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict"
 * import { formatTrustKey, generateTrustKey, parseTrustKey } from "@portico/auth/trust"
 * import * as Result from "effect/Result"
 *
 * const root = generateTrustKey()
 * assert.deepEqual(Result.getOrThrow(parseTrustKey(formatTrustKey(root))), root)
 * ```
 */
export const generateTrustKey = (): TrustKeyPair => pairOf(generateKeyPairSync("ed25519").privateKey)

/** The pair of a private key. Fails where that is not 32 bytes in hexadecimal. */
export const trustKeyOf = (privateKey: string): Result.Result<TrustKeyPair, string> => {
  if (!isHexKey(privateKey)) return Result.fail("a private key is 64 hexadecimal digits in lower case")
  const der = Buffer.concat([pkcs8Start, Buffer.from(privateKey, "hex")])
  return Result.succeed(pairOf(createPrivateKey({ key: der, format: "der", type: "pkcs8" })))
}

/** What a key file holds: JSON with `private_key` and `public_key`. */
export const formatTrustKey = ({ privateKey, publicKey }: TrustKeyPair): string =>
  `${JSON.stringify({ private_key: privateKey, public_key: publicKey }, undefined, 2)}\n`

/** Reads a key file. Fails with what is wrong with it; the private key is never in the message. */
export const parseTrustKey = (text: string): Result.Result<TrustKeyPair, string> => {
  const json = parseJson(text)
  if (!Predicate.hasProperty(json, "private_key") || !Predicate.isString(json.private_key)) {
    return Result.fail("it is not JSON with a private_key and a public_key")
  }
  const pair = trustKeyOf(json.private_key)
  if (Result.isFailure(pair)) return pair
  const said = Predicate.hasProperty(json, "public_key") ? json.public_key : undefined
  return said === pair.success.publicKey ? pair : Result.fail("its public_key is not that of its private_key")
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The halves of a pair, for signing. */
export const signingKeyOf = ({ privateKey }: TrustKeyPair): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([pkcs8Start, Buffer.from(privateKey, "hex")]),
    format: "der",
    type: "pkcs8"
  })

/** A public key, for verifying. Throws where the text is no key. */
export const verifyingKeyOf = (publicKey: string): KeyObject =>
  createPublicKey({ key: jwkOf(publicKey), format: "jwk" })
