import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { stored } from "../store.ts"

/** What has to be remembered of those who came in. */
export interface TrustStore {
  /** Uses a nonce up. False where it was used before. It is forgotten only after `until`, in milliseconds. */
  readonly spend: (nonce: string, until: number) => Effect.Effect<boolean, DatabaseError>
  /** Node id of the identity that was made at a path for somebody who came in. */
  readonly identityAt: (path: string) => Effect.Effect<string | undefined, DatabaseError>
  readonly remember: (path: string, identity: string) => Effect.Effect<void, DatabaseError>
  /** Forgets nonces whose credentials have expired anyhow. */
  readonly prune: Effect.Effect<void, DatabaseError>
}

export const makeTrustStore = ({ sql }: DatabaseService): TrustStore => ({
  spend: (nonce, until) =>
    Effect.map(
      stored(
        sql`INSERT INTO auth_nonces ${sql.insert({ nonce, expires_at: until })} ON CONFLICT (nonce) DO NOTHING RETURNING nonce`
      ),
      (rows) => rows.length === 1
    ),
  identityAt: (path) =>
    Effect.map(
      stored(sql<{ readonly identity: string }>`SELECT identity FROM auth_enrolled WHERE path = ${path}`),
      ([row]) => row?.identity
    ),
  remember: (path, identity) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.asVoid(
        stored(
          sql`INSERT INTO auth_enrolled ${sql.insert({ path, identity, created_at: now })} ON CONFLICT (path) DO NOTHING`
        )
      )
    ),
  // A clock that jumps back an hour must not bring a credential back whose nonce was forgotten.
  prune: Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.asVoid(stored(sql`DELETE FROM auth_nonces WHERE expires_at <= ${now - day}`))
  )
})

const day = 86_400_000
