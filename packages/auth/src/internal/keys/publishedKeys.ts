import { type DatabaseError, type DatabaseService, Migration } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import { stored } from "../store.ts"

/** The table of public keys. */
export const keyTables = Migration.of({
  id: "0104_signing_keys",
  up: `
    CREATE TABLE auth_signing_keys (
      kid TEXT PRIMARY KEY,
      x TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      retired_at INTEGER,
      ended_at INTEGER,
      seen_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX auth_signing_keys_seen_at ON auth_signing_keys (seen_at);
  `
})

/** The public half of a key that a process of this instance signs with, or has. Times are in milliseconds since the epoch. */
export interface PublishedKey {
  readonly kid: string
  /** As in a JWK: the Ed25519 public key in base64url. */
  readonly x: string
  readonly createdAt: number
  /** Since when another one signs. */
  readonly retiredAt: number | undefined
  /** When its process was last there, within hours. */
  readonly seenAt: number
}

interface Row {
  readonly kid: string
  readonly x: string
  readonly created_at: number
  readonly retired_at: number | null
  readonly seen_at: number
}

/** Public keys of all processes on one database. None is ever forgotten, so that one that was ended stays so. */
export interface PublishedKeys {
  /** Those that were seen since, and were not ended; the newest first. */
  readonly since: (time: number) => Effect.Effect<ReadonlyArray<PublishedKey>, DatabaseError>
  /** Publishes a key of this process, or says that it is still there. What was retired or ended stays so. */
  readonly publish: (key: PublishedKey) => Effect.Effect<void, DatabaseError>
  /** From `now` on others sign. */
  readonly retireAll: (now: number) => Effect.Effect<void, DatabaseError>
  /** None of them verifies any more. */
  readonly endAll: (now: number) => Effect.Effect<void, DatabaseError>
}

export const makePublishedKeys = ({ sql }: DatabaseService): PublishedKeys => ({
  since: (time) =>
    Effect.map(
      stored(
        sql<Row>`SELECT kid, x, created_at, retired_at, seen_at FROM auth_signing_keys WHERE seen_at > ${time} AND ended_at IS NULL ORDER BY created_at DESC, kid`
      ),
      (rows) =>
        rows.map((row) => ({
          kid: row.kid,
          x: row.x,
          createdAt: Number(row.created_at),
          retiredAt: row.retired_at === null ? undefined : Number(row.retired_at),
          seenAt: Number(row.seen_at)
        }))
    ),
  publish: ({ createdAt, kid, retiredAt, seenAt, x }) =>
    Effect.asVoid(
      stored(
        sql`INSERT INTO auth_signing_keys ${sql.insert({ kid, x, created_at: createdAt, retired_at: retiredAt ?? null, seen_at: seenAt })} ON CONFLICT (kid) DO UPDATE SET seen_at = excluded.seen_at, retired_at = COALESCE(auth_signing_keys.retired_at, excluded.retired_at)`
      )
    ),
  retireAll: (now) =>
    Effect.asVoid(stored(sql`UPDATE auth_signing_keys SET retired_at = ${now} WHERE retired_at IS NULL`)),
  endAll: (now) => Effect.asVoid(stored(sql`UPDATE auth_signing_keys SET ended_at = ${now} WHERE ended_at IS NULL`))
})
