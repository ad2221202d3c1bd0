import type { DatabaseError } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose"
import { AuthStartError } from "../../AuthStartError.ts"
import type { KeyPlace } from "./keyPlace.ts"
import {
  current,
  formatRecords,
  isDue,
  type KeyRecord,
  type KeyRules,
  parseRecords,
  rotated,
  verifiesUntil
} from "./keyRecords.ts"
import type { PublishedKey } from "./publishedKeys.ts"

/** A key that verifies. */
export interface VerifyingKey {
  readonly key: CryptoKey
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** The instance's own keys, as they are at the moment. */
export interface SigningKeys {
  readonly active: { readonly kid: string; readonly privateKey: CryptoKey }
  /** By `kid`. */
  readonly verifying: ReadonlyMap<string, VerifyingKey>
  /** Learns what other processes have done to the keys; before one signs or verifies. */
  readonly learn: Effect.Effect<void>
}

/** What may be known of a key. Times are in milliseconds since the epoch. */
export interface KeyDescription {
  readonly kid: string
  readonly createdAt: number
  /** Missing for the one that signs. */
  readonly verifiesUntil?: number
}

/** Keys that come and go. */
export interface KeyRing extends SigningKeys {
  /** The public halves of those that verify at `now`, as they are published (RFC 7517). */
  readonly jwks: (now: number) => { readonly keys: ReadonlyArray<JWK> }
  readonly list: Effect.Effect<ReadonlyArray<KeyDescription>>
  /** A new key signs. With `atOnce` the ones before verify no more: for when one has got into other hands. */
  readonly rotate: (options: { readonly atOnce: boolean }) => Effect.Effect<void, AuthStartError | DatabaseError>
  /** Rotates where that is due, and forgets keys that verify no more. Gives whether another one signs. */
  readonly tend: Effect.Effect<boolean, AuthStartError | DatabaseError>
}

/** The keys that a process has by itself. */
export interface OwnKeyRing extends KeyRing {
  readonly rotate: (options: { readonly atOnce: boolean }) => Effect.Effect<void, AuthStartError>
  readonly tend: Effect.Effect<boolean, AuthStartError>
  /** Reads what another process may have kept in the same place. */
  readonly reload: Effect.Effect<void, AuthStartError>
  readonly publicKeys: () => ReadonlyArray<Omit<PublishedKey, "seenAt">>
}

interface Loaded {
  readonly record: KeyRecord
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly published: JWK
}

interface State extends Pick<SigningKeys, "active" | "verifying"> {
  readonly loaded: ReadonlyArray<Loaded>
}

/** Reads the keys from where they are kept, or makes the first one. What is damaged is left as it is. */
export const makeKeyRing = Effect.fnUntraced(function* (place: KeyPlace, rules: KeyRules) {
  const turns = yield* Semaphore.make(1)
  const found = yield* place.read
  const now = yield* Clock.currentTimeMillis
  const before = Option.match(found, { onNone: () => undefined, onSome: (text) => parseRecords(text, now) })
  const first = Option.isNone(found) ? [yield* generate(now)] : (before ?? [])
  let state = yield* load(place.name, first, rules)
  if (Option.isNone(found) || formatRecords(first) !== found.value) yield* place.write(formatRecords(first))

  // Written before it is used: a token is never signed with a key that the next start would not know.
  const become = (records: ReadonlyArray<KeyRecord>) =>
    Effect.gen(function* () {
      const next = yield* load(place.name, records, rules)
      yield* place.write(formatRecords(records))
      state = next
    })

  const records = () => state.loaded.map(({ record }) => record)

  const ring: OwnKeyRing = {
    get active() {
      return state.active
    },
    get verifying() {
      return state.verifying
    },
    learn: Effect.void,
    publicKeys: () =>
      state.loaded.map(({ kid, record }) => ({
        kid,
        x: record.x,
        createdAt: record.createdAt,
        retiredAt: record.retiredAt
      })),
    reload: turns.withPermit(
      Effect.gen(function* () {
        const text = yield* place.read
        const now = yield* Clock.currentTimeMillis
        const found = Option.match(text, { onNone: () => undefined, onSome: (each) => parseRecords(each, now) })
        if (found !== undefined) state = yield* load(place.name, found, rules)
      })
    ),
    jwks: (now) => ({
      keys: state.loaded.filter(({ record }) => now < verifiesUntil(record, rules)).map(({ published }) => published)
    }),
    list: Effect.map(Clock.currentTimeMillis, (now) =>
      state.loaded
        .filter(({ record }) => now < verifiesUntil(record, rules))
        .map(({ kid, record }) => ({
          kid,
          createdAt: record.createdAt,
          ...(record.retiredAt === undefined ? undefined : { verifiesUntil: verifiesUntil(record, rules) })
        }))
    ),
    rotate: ({ atOnce }) =>
      turns.withPermit(
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          yield* become(rotated(current(records(), now, rules), yield* generate(now), now, atOnce))
        })
      ),
    tend: turns.withPermit(
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const kept = current(records(), now, rules)
        if (isDue(kept, now, rules)) {
          yield* become(rotated(kept, yield* generate(now), now, false))
          return true
        }
        if (kept.length < state.loaded.length) yield* become(kept)
        return false
      })
    )
  }
  return ring
})

const generate = (createdAt: number): Effect.Effect<KeyRecord> =>
  Effect.promise(async () => {
    const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true })
    const { d, x } = await exportJWK(privateKey)
    if (d === undefined || x === undefined) throw new Error("a new Ed25519 key has no d or x")
    return { kty: "OKP", crv: "Ed25519", x, d, createdAt }
  })

/** Keys that are kept nowhere. */
export const generateKeys: Effect.Effect<SigningKeys, AuthStartError> = Effect.flatMap(generate(0), (record) =>
  Effect.map(load("a new key", [record], { rotateAfter: 0, overlap: 0 }), (state) => ({ ...state, learn: Effect.void }))
)

const load = (name: string, records: ReadonlyArray<KeyRecord>, rules: KeyRules): Effect.Effect<State, AuthStartError> =>
  Effect.tryPromise({
    try: async () => {
      const loaded = await Promise.all(records.map(importRecord))
      const [first] = loaded
      if (first === undefined) throw new Error("it holds no Ed25519 private keys")
      return {
        loaded,
        active: { kid: first.kid, privateKey: first.privateKey },
        verifying: new Map(
          loaded.map(({ kid, publicKey, record }) => [kid, { key: publicKey, until: verifiesUntil(record, rules) }])
        )
      }
    },
    catch: (cause) =>
      new AuthStartError({
        message: `${name} cannot be used: ${cause instanceof Error ? cause.message : cause}. Put a copy back, or remove it to start with a new key, which ends all access tokens.`,
        cause
      })
  })

const importRecord = async (record: KeyRecord): Promise<Loaded> => {
  const { kty, crv, x, d } = record
  const publicJwk = { kty, crv, x }
  const kid = await calculateJwkThumbprint(publicJwk)
  return {
    record,
    kid,
    privateKey: await asKey({ ...publicJwk, d }),
    publicKey: await asKey(publicJwk),
    published: { ...publicJwk, kid, use: "sig", alg: "EdDSA" }
  }
}

const asKey = async (jwk: JWK): Promise<CryptoKey> => {
  const key = await importJWK(jwk, "EdDSA")
  if (key instanceof Uint8Array) throw new Error("it holds a symmetric key")
  return key
}
