import * as Predicate from "effect/Predicate"

/** An Ed25519 key that this instance signs with, as it is kept. */
export interface KeyRecord {
  readonly kty: "OKP"
  readonly crv: "Ed25519"
  readonly x: string
  readonly d: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Since when another one signs; missing while it signs itself. Milliseconds since the epoch. */
  readonly retiredAt?: number
}

/** How keys come and go, in milliseconds. */
export interface KeyRules {
  /** How long a key signs. */
  readonly rotateAfter: number
  /** How long one still verifies once another one signs: as long as the longest token that it may have signed. */
  readonly overlap: number
}

type Stored = Omit<KeyRecord, "createdAt" | "retiredAt"> & Partial<Pick<KeyRecord, "createdAt" | "retiredAt">>

const isTime = (u: unknown): boolean => u === undefined || (Number.isSafeInteger(u) && Number(u) >= 0)

const isStored = (u: unknown): u is Stored =>
  Predicate.hasProperty(u, "kty") &&
  u.kty === "OKP" &&
  Predicate.hasProperty(u, "crv") &&
  u.crv === "Ed25519" &&
  Predicate.hasProperty(u, "x") &&
  typeof u.x === "string" &&
  Predicate.hasProperty(u, "d") &&
  typeof u.d === "string" &&
  isTime(Predicate.hasProperty(u, "createdAt") ? u.createdAt : undefined) &&
  isTime(Predicate.hasProperty(u, "retiredAt") ? u.retiredAt : undefined)

const only = ({ kty, crv, x, d }: Pick<KeyRecord, "kty" | "crv" | "x" | "d">) => ({ kty, crv, x, d })

/**
 * The keys that a text holds: the first one signs. `undefined` where it holds none, or anything else besides. Keys that
 * do not say since when they are there count from `now` on.
 */
export const parseRecords = (text: string, now: number): ReadonlyArray<KeyRecord> | undefined => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Predicate.hasProperty(json, "keys") || !Array.isArray(json.keys)) return undefined
  const keys: ReadonlyArray<unknown> = json.keys
  if (keys.length === 0 || !keys.every(isStored)) return undefined
  return keys.map((key, index) => ({
    ...only(key),
    createdAt: key.createdAt ?? now,
    ...(index === 0 ? undefined : { retiredAt: key.retiredAt ?? now })
  }))
}

/** The text that {@link parseRecords} reads. */
export const formatRecords = (keys: ReadonlyArray<KeyRecord>): string => `${JSON.stringify({ keys }, undefined, 2)}\n`

/** `fresh` signs from `now` on. Without an overlap (`atOnce`) no other key verifies any more. */
export const rotated = (
  keys: ReadonlyArray<KeyRecord>,
  fresh: KeyRecord,
  now: number,
  atOnce: boolean
): ReadonlyArray<KeyRecord> => [
  fresh,
  ...(atOnce ? [] : keys.map((key) => ({ ...key, retiredAt: key.retiredAt ?? now })))
]

/** Until when a key verifies, in milliseconds since the epoch. */
export const verifiesUntil = ({ retiredAt }: KeyRecord, { overlap }: KeyRules): number =>
  retiredAt === undefined ? Number.POSITIVE_INFINITY : retiredAt + overlap

/** Those that sign or verify at `now`. */
export const current = (keys: ReadonlyArray<KeyRecord>, now: number, rules: KeyRules): ReadonlyArray<KeyRecord> =>
  keys.filter((key) => now < verifiesUntil(key, rules))

/** Whether the key that signs has done so for long enough. */
export const isDue = ([signing]: ReadonlyArray<KeyRecord>, now: number, rules: KeyRules): boolean =>
  signing === undefined || now >= signing.createdAt + rules.rotateAfter
