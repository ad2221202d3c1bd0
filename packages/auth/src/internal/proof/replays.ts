import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { fingerprint } from "../secrets.ts"
import { stored } from "../store.ts"

/** Remembers what may be used once, durably, for as long as it could be used. */
export interface Replays {
  /**
   * Whether this is the first time, whichever process asks. `until` is in milliseconds since the epoch. Fails closed: when
   * the database is away, and with false where more is remembered than there is room for.
   */
  readonly isFirst: (kind: string, text: string, until: number) => Effect.Effect<boolean, DatabaseError>
  readonly prune: Effect.Effect<void, DatabaseError>
}

/** What is remembered at once, at most. */
const mostKept = 1_000_000

/** Milliseconds after which it is looked again what need not be remembered any more. */
const grain = 60_000

/** `most` may be overrun by what comes within a minute through other processes. */
export const makeReplays = ({ sql }: DatabaseService, most = mostKept): Replays => {
  /** What was kept when it was last looked, and has been since. */
  let kept = 0
  let lookedAt = Number.NEGATIVE_INFINITY

  const prune = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    lookedAt = now
    yield* stored(sql`DELETE FROM auth_replays WHERE until < ${now}`)
    const [row] = yield* stored(sql<{ readonly n: number }>`SELECT count(*) AS n FROM auth_replays`)
    kept = Number(row?.n ?? 0)
  })

  return {
    isFirst: (kind, text, until) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (Math.abs(now - lookedAt) >= grain) yield* prune
        if (kept >= most) return false
        kept++
        const added = yield* stored(
          sql`INSERT INTO auth_replays ${sql.insert({ seen: `${kind}:${fingerprint(text)}`, until })} ON CONFLICT (seen) DO NOTHING RETURNING seen`
        )
        return added.length > 0
      }),
    prune
  }
}
