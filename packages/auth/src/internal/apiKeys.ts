import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ApiKey, NewApiKey } from "../Auth.ts"
import { apiKeyId, makeApiKey } from "./apiKeyFormat.ts"
import { sameBytes, sha256 } from "./secrets.ts"
import { stored } from "./store.ts"

/** Keys of one identity that are good at the same time. */
const keysPerIdentity = 100

/** What a key is for: one that somebody made, the one in `operator.token`, or one that an enrolment gave. */
export type ApiKeyKind = "api-key" | "operator-token" | "enrolment"

/** A key that was shown and is good. */
export interface GoodKey {
  readonly id: string
  readonly identity: string
  readonly kind: ApiKeyKind
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null
}

interface Row {
  readonly id: string
  readonly identity: string
  readonly name: string
  readonly kind: ApiKeyKind
  readonly hash: Uint8Array
  readonly created_at: number
  readonly expires_at: number | null
  readonly revoked_at: number | null
}

export interface NewKeyOptions {
  readonly name: string
  readonly kind: ApiKeyKind
  /** Seconds. */
  readonly expiresIn?: number | undefined
}

/** API keys as they are stored: by id, with the hash of the whole key. */
export interface ApiKeys {
  readonly create: (identity: string, options: NewKeyOptions) => Effect.Effect<NewApiKey, PorticoError | DatabaseError>
  readonly list: (identity: string) => Effect.Effect<ReadonlyArray<ApiKey>, DatabaseError>
  /** Fails with NOT_FOUND. */
  readonly revoke: (identity: string, id: string) => Effect.Effect<void, PorticoError | DatabaseError>
  /** Revokes all keys of a kind. */
  readonly revokeKind: (identity: string, kind: ApiKeyKind) => Effect.Effect<void, DatabaseError>
  /** The key, if it is one of ours and good now; otherwise why it is refused, in words for the audit log. */
  readonly verify: (key: string) => Effect.Effect<GoodKey, string | DatabaseError>
}

/** `revoked` is called after each revocation is durable. */
export const makeApiKeys = ({ sql }: DatabaseService, revoked: () => void): ApiKeys => {
  const good = (now: number) => sql`revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${now})`

  const goodOf = (identity: string, kind: ApiKeyKind) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.map(
        stored(
          sql<Row>`SELECT * FROM auth_api_keys WHERE identity = ${identity} AND kind = ${kind} AND ${good(now)} ORDER BY created_at, id`
        ),
        (rows) => rows.map(shown)
      )
    )

  /** Where there are too many, whoever enrols once more does without the oldest; whoever makes one by hand chooses. */
  const makeRoom = Effect.fnUntraced(function* (identity: string, kind: ApiKeyKind, now: number) {
    const known = yield* goodOf(identity, kind)
    const [oldest] = known
    if (oldest === undefined || known.length < keysPerIdentity) return
    if (kind !== "enrolment") return yield* Effect.fail(tooMany)
    yield* stored(sql`UPDATE auth_api_keys SET revoked_at = ${now} WHERE id = ${oldest.id}`)
    revoked()
  })

  return {
    list: (identity) => goodOf(identity, "api-key"),
    create: (identity, { name, kind, expiresIn }) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        yield* makeRoom(identity, kind, now)
        const { id, key } = makeApiKey()
        const expiresAt = expiresIn === undefined ? null : now + expiresIn * 1_000
        const row = { id, identity, name, kind, created_at: now, expires_at: expiresAt }
        yield* stored(sql`INSERT INTO auth_api_keys ${sql.insert({ ...row, hash: sha256(key) })}`)
        return { id, identity, name, createdAt: now, expiresAt, key }
      }),
    revoke: (identity, id) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const rows = yield* stored(
          sql`UPDATE auth_api_keys SET revoked_at = ${now} WHERE id = ${id} AND identity = ${identity} AND kind = 'api-key' AND ${good(now)} RETURNING id`
        )
        if (rows.length === 0) return yield* Effect.fail(PorticoError.make("NOT_FOUND", `There is no API key ${id}.`))
        revoked()
      }),
    revokeKind: (identity, kind) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        yield* stored(
          sql`UPDATE auth_api_keys SET revoked_at = ${now} WHERE identity = ${identity} AND kind = ${kind} AND revoked_at IS NULL`
        )
        revoked()
      }),
    verify: (key) =>
      Effect.gen(function* () {
        const id = apiKeyId(key)
        if (id === undefined) return yield* Effect.fail("malformed")
        const now = yield* Clock.currentTimeMillis
        const [row] = yield* stored(sql<Row>`SELECT * FROM auth_api_keys WHERE id = ${id}`)
        if (row === undefined || !sameBytes(row.hash, sha256(key))) return yield* Effect.fail("unknown key")
        if (row.revoked_at !== null) return yield* Effect.fail("revoked")
        if (row.expires_at !== null && row.expires_at <= now) return yield* Effect.fail("expired")
        return { id, identity: row.identity, kind: row.kind, expiresAt: row.expires_at }
      })
  }
}

const tooMany = PorticoError.make("LIMIT_EXCEEDED", `An identity has at most ${keysPerIdentity} API keys.`, {
  limit: "api-keys"
})

const shown = (row: Row): ApiKey => ({
  id: row.id,
  identity: row.identity,
  name: row.name,
  createdAt: row.created_at,
  expiresAt: row.expires_at
})
