import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { fingerprint } from "../secrets.ts"
import { stored } from "../store.ts"

/** Remembers what may be used once, durably, for as long as it could be used. */
export interface Replays {
  /** Whether this is the first time. `until` is in milliseconds since the epoch. Fails closed. */
  readonly isFirst: (kind: string, text: string, until: number) => Effect.Effect<boolean, DatabaseError>
  readonly prune: Effect.Effect<void, DatabaseError>
}

export const makeReplays = ({ sql }: DatabaseService): Replays => ({
  isFirst: (kind, text, until) =>
    Effect.map(
      stored(
        sql`INSERT INTO auth_replays ${sql.insert({ seen: `${kind}:${fingerprint(text)}`, until })} ON CONFLICT (seen) DO NOTHING RETURNING seen`
      ),
      (rows) => rows.length > 0
    ),
  prune: Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.asVoid(stored(sql`DELETE FROM auth_replays WHERE until < ${now}`))
  )
})
