import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import { type CryptoKey, importJWK, type JWK, type JWTHeaderParameters } from "jose"

/** Public keys of somebody else. */
export interface ForeignKeySet {
  /** The key for a token's header, if there is one that fits its `kid` and its `alg`. */
  readonly find: (header: Pick<JWTHeaderParameters, "alg" | "kid">) => CryptoKey | undefined
}

/** Keys of a set, at most. */
const most = 100

const secretParts = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] as const

const rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]

/** What a key may verify, by its type. Neither `none` nor HMAC is anywhere among them (RFC 8725, section 3.1). */
const algorithmsOf = (jwk: JWK): ReadonlyArray<string> => {
  if (jwk.kty === "RSA") return rsa
  if (jwk.kty === "OKP") return jwk.crv === "Ed25519" ? ["EdDSA", "Ed25519"] : []
  if (jwk.kty !== "EC") return []
  const algorithm = { "P-256": "ES256", "P-384": "ES384", "P-521": "ES512" }[jwk.crv ?? ""]
  return algorithm === undefined ? [] : [algorithm]
}

/** Bits of an RSA modulus. */
const modulusBits = (n: string): number => {
  const bytes = Buffer.from(n, "base64url")
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24
}

const problemOf = (jwk: unknown): string | undefined => {
  if (!Predicate.isObject(jwk) || !Predicate.hasProperty(jwk, "kty")) return "a key is not a key"
  // Boundary: each member that is read is checked on its way.
  const key = jwk as JWK
  if (secretParts.some((part) => part in key)) return "a key has private parts"
  if (key.use !== undefined && key.use !== "sig") return "a key is not for signatures"
  if (key.key_ops !== undefined && !(Array.isArray(key.key_ops) && key.key_ops.every((op) => op === "verify"))) {
    return "a key is not for verifying"
  }
  const possible = algorithmsOf(key)
  if (possible.length === 0) return "a key is of a type that is not accepted"
  if (key.alg !== undefined && !possible.includes(key.alg)) return "a key is of another type than its algorithm"
  if (key.kid !== undefined && (typeof key.kid !== "string" || key.kid.length > 1_000)) return "a `kid` is no name"
  if (key.kty !== "RSA") return undefined
  return typeof key.n === "string" && modulusBits(key.n) >= 2_048 ? undefined : "an RSA key is shorter than 2048 bits"
}

/**
 * Reads a JWK Set (RFC 7517) that somebody else publishes. One bad key and the whole set is refused: a set that mixes
 * such keys in is not what it should be. The failure says why, in words for the audit log.
 */
export const importForeignKeySet = async (json: unknown): Promise<Result.Result<ForeignKeySet, string>> => {
  if (!Predicate.hasProperty(json, "keys") || !Array.isArray(json.keys)) return Result.fail("not a JWK Set")
  const listed: ReadonlyArray<unknown> = json.keys
  if (listed.length === 0 || listed.length > most) return Result.fail(`a set has 1 to ${most} keys`)
  for (const each of listed) {
    const problem = problemOf(each)
    if (problem !== undefined) return Result.fail(problem)
  }
  // Boundary: `problemOf` has found nothing wrong with any of them.
  const jwks = listed as ReadonlyArray<JWK>
  const kids = jwks.flatMap(({ kid }) => kid ?? [])
  if (new Set(kids).size < kids.length) return Result.fail("two keys have the same `kid`")
  if (jwks.length > 1 && kids.length < jwks.length) return Result.fail("a key among several has no `kid`")
  try {
    return Result.succeed(makeSet(await Promise.all(jwks.map(importOne))))
  } catch {
    return Result.fail("a key is malformed")
  }
}

interface Imported {
  readonly kid: string | undefined
  readonly byAlgorithm: ReadonlyMap<string, CryptoKey>
}

const importOne = async (jwk: JWK): Promise<Imported> => {
  const algorithms = jwk.alg === undefined ? algorithmsOf(jwk) : [jwk.alg]
  const keys = await Promise.all(
    algorithms.map(async (algorithm): Promise<readonly [string, CryptoKey]> => {
      const key = await importJWK(jwk, algorithm)
      if (key instanceof Uint8Array || key.type !== "public") throw new Error("not a public key")
      return [algorithm, key]
    })
  )
  return { kid: jwk.kid, byAlgorithm: new Map(keys) }
}

const makeSet = (keys: ReadonlyArray<Imported>): ForeignKeySet => ({
  find: ({ alg, kid }) => {
    const [only] = keys
    const found = keys.find((key) => key.kid !== undefined && key.kid === kid)
    // Without a `kid` on either side there is nothing to choose from.
    const fits = found ?? (keys.length === 1 && (kid === undefined || only?.kid === undefined) ? only : undefined)
    return fits?.byAlgorithm.get(alg ?? "")
  }
})
