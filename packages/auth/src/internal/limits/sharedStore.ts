import { type DatabaseError, type DatabaseService, Migration } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { stored } from "../store.ts"

/** Where processes on one database count together. */
export const limitTables = Migration.of({
  id: "0103_limits",
  up: `
    CREATE TABLE auth_limits (
      name TEXT PRIMARY KEY,
      taken INTEGER NOT NULL,
      asked INTEGER NOT NULL,
      until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX auth_limits_until ON auth_limits (until);

    CREATE TABLE auth_throttles (
      name TEXT PRIMARY KEY,
      failures INTEGER NOT NULL,
      blocked_until INTEGER NOT NULL,
      last_at INTEGER NOT NULL,
      until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX auth_throttles_until ON auth_throttles (until);
  `
})

interface Row {
  readonly asked: number
  readonly until: number
}

/** Counts in the database. What is not counted there is `rest`'s. */
export const sharedStore = (
  { sql }: DatabaseService,
  rest: RateLimiter.RateLimiterStore["Service"]
): RateLimiter.RateLimiterStore["Service"] =>
  RateLimiter.RateLimiterStore.of({
    ...rest,
    fixedWindow: ({ key, limit = Number.MAX_SAFE_INTEGER, refillRate, tokens }) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const row = { name: key, taken: tokens, asked: tokens, until: now + windowOf(refillRate, limit) }
        // `asked` says what there would have been, also where that is too much and nothing was taken.
        const [counted] = yield* stored(
          sql<Row>`INSERT INTO auth_limits ${sql.insert(row)} ON CONFLICT (name) DO UPDATE SET
            taken = CASE
              WHEN auth_limits.until <= ${now} THEN excluded.taken
              WHEN auth_limits.taken + excluded.taken > ${limit} THEN auth_limits.taken
              ELSE auth_limits.taken + excluded.taken END,
            asked = CASE
              WHEN auth_limits.until <= ${now} THEN excluded.taken
              ELSE auth_limits.taken + excluded.taken END,
            until = CASE WHEN auth_limits.until <= ${now} THEN excluded.until ELSE auth_limits.until END
            RETURNING asked, until`
        )
        return [Number(counted?.asked ?? tokens), Number(counted?.until ?? row.until) - now] as const
      }).pipe(Effect.mapError(asStoreError))
  })

const windowOf = (refillRate: Duration.Duration, limit: number): number =>
  Math.ceil(Duration.toMillis(refillRate) * limit)

const asStoreError = (cause: DatabaseError) =>
  new RateLimiter.RateLimiterError({
    reason: new RateLimiter.RateLimitStoreError({ message: cause.message, cause })
  })

/** Forgets what counts no more. */
export const pruneLimits = ({ sql }: DatabaseService): Effect.Effect<void, DatabaseError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.andThen(
      stored(sql`DELETE FROM auth_limits WHERE until <= ${now}`),
      Effect.asVoid(stored(sql`DELETE FROM auth_throttles WHERE until <= ${now}`))
    )
  )
