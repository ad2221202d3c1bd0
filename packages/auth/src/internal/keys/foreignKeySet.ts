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

const numberOf = (text: string): bigint => BigInt(`0x0${Buffer.from(text, "base64url").toString("hex")}`)

// Nemec et al., "The Return of Coppersmith's Attack" (2017): moduli of a faulty generator are powers of 65537 modulo
// each of these primes, which others are by a chance of less than one in a hundred million.
const rocaPrimes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167
]

const isPowerModulo = (n: bigint, prime: number): boolean => {
  const wanted = Number(n % BigInt(prime))
  let power = 1
  do {
    if (power === wanted) return true
    power = (power * 65_537) % prime
  } while (power !== 1)
  return false
}

const rsaProblemOf = ({ e, n }: JWK): string | undefined => {
  if (typeof n !== "string" || typeof e !== "string" || n.length > 2_000) return "an RSA key is malformed"
  const modulus = numberOf(n)
  if (modulus < 1n << 2_047n) return "an RSA key is shorter than 2048 bits"
  const exponent = numberOf(e)
  if (exponent < 65_537n || exponent % 2n === 0n) return "an RSA key has a weak exponent"
  return rocaPrimes.every((prime) => isPowerModulo(modulus, prime)) ? "an RSA key is of a faulty generator" : undefined
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
  return key.kty === "RSA" ? rsaProblemOf(key) : undefined
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
