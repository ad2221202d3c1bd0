import type { DatabaseError } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { type CryptoKey, importJWK, type JWK } from "jose"
import type { AuthStartError } from "../../AuthStartError.ts"
import type { KeyRules } from "./keyRecords.ts"
import type { PublishedKey, PublishedKeys } from "./publishedKeys.ts"
import type { KeyRing, OwnKeyRing, VerifyingKey } from "./signingKeys.ts"

/**
 * Milliseconds after which a process that was not seen is taken to be gone: its key verifies only what it has signed by
 * then. Processes are seen every hour.
 */
const grace = 10_800_000

interface Learned {
  readonly published: ReadonlyArray<PublishedKey>
  readonly verifying: ReadonlyMap<string, VerifyingKey>
}

/** Until when a key verifies, in milliseconds since the epoch. */
const verifiesUntil = ({ retiredAt, seenAt }: PublishedKey, { overlap }: KeyRules): number =>
  Math.min(retiredAt ?? Number.POSITIVE_INFINITY, seenAt + grace) + overlap

const jwkOf = ({ kid, x }: PublishedKey): JWK => ({ kty: "OKP", crv: "Ed25519", x, kid, use: "sig", alg: "EdDSA" })

/**
 * The keys of an instance that is several processes on one database. Each process signs with its own, whose private half
 * never leaves its machine; the public halves are in the database, and verify everywhere. What one process rotates or
 * ends is so for all of them at once, since each looks before it signs or verifies.
 */
export const makeSharedKeyRing = Effect.fnUntraced(function* (
  own: OwnKeyRing,
  keys: PublishedKeys,
  rules: KeyRules
): Effect.fn.Return<KeyRing, AuthStartError | DatabaseError> {
  const turns = yield* Semaphore.make(1)
  const imported = new Map<string, CryptoKey>()
  let learned: Learned = { published: [], verifying: new Map() }

  const publishOwn = Effect.gen(function* () {
    const seenAt = yield* Clock.currentTimeMillis
    for (const key of own.publicKeys()) yield* keys.publish({ ...key, seenAt })
  })

  const keyOf = (key: PublishedKey): Effect.Effect<CryptoKey> =>
    Effect.promise(async () => {
      const known = imported.get(key.kid)
      if (known !== undefined) return known
      const made = await importJWK(jwkOf(key), "EdDSA")
      if (made instanceof Uint8Array) throw new Error("an Ed25519 key is not symmetric")
      imported.set(key.kid, made)
      return made
    })

  const read = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const found = yield* keys.since(now - grace - rules.overlap)
    const published = found.filter((key) => now < verifiesUntil(key, rules))
    const pairs = yield* Effect.forEach(published, (key) =>
      Effect.map(keyOf(key), (made) => [key.kid, { key: made, until: verifiesUntil(key, rules) }] as const)
    )
    learned = { published, verifying: new Map(pairs) }
    for (const kid of imported.keys()) if (!learned.verifying.has(kid)) imported.delete(kid)
  })

  /** What has become of the key that this process signs with. */
  const fate = (): "signs" | "retired" | "ended" => {
    const found = learned.published.find(({ kid }) => kid === own.active.kid)
    if (found === undefined) return "ended"
    return found.retiredAt === undefined ? "signs" : "retired"
  }

  /** Another process has rotated. One that shares the folder may have made the new key already. */
  const renew = turns.withPermit(
    Effect.gen(function* () {
      if (fate() === "signs") return
      yield* own.reload
      yield* publishOwn
      yield* read
      const after = fate()
      if (after === "signs") return
      yield* own.rotate({ atOnce: after === "ended" })
      yield* publishOwn
      yield* read
    })
  )

  const learn = Effect.andThen(
    read,
    Effect.suspend(() => (fate() === "signs" ? Effect.void : renew))
  )

  yield* publishOwn
  yield* learn

  return {
    get active() {
      return own.active
    },
    get verifying() {
      return learned.verifying
    },
    // Whatever else of a credential is looked up fails with the database; keys alone open nothing.
    learn: Effect.catch(learn, (error) => Effect.logError("The signing keys could not be looked up.", error)),
    jwks: (now) => ({ keys: learned.published.filter((key) => now < verifiesUntil(key, rules)).map(jwkOf) }),
    list: Effect.sync(() =>
      learned.published.map((key) => ({
        kid: key.kid,
        createdAt: key.createdAt,
        ...(key.retiredAt === undefined ? undefined : { verifiesUntil: verifiesUntil(key, rules) })
      }))
    ),
    rotate: ({ atOnce }) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        yield* atOnce ? keys.endAll(now) : keys.retireAll(now)
        yield* learn
      }),
    tend: Effect.gen(function* () {
      const rotated = yield* own.tend
      yield* publishOwn
      yield* learn
      return rotated
    })
  }
})
