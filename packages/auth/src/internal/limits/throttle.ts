import { GateError } from "@portico/gate"
import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Fragment } from "effect/sql/Statement"
import { fingerprint } from "../secrets.ts"
import { stored } from "../store.ts"

/** When failures begin to cost time. */
export interface ThrottleRule {
  /** Where processes count together it tells one from another. */
  readonly name: string
  /** Failures that cost nothing. */
  readonly free: number
  /** Milliseconds to wait after the first one that does; it doubles with each further failure. */
  readonly base: number
  /** Milliseconds to wait at most. A key is forgotten when it has been quiet for as long. */
  readonly max: number
}

/** Counts failures by key, and says how long to wait before the next try. */
export interface Throttle {
  /**
   * Counts a failure, unless the key has to wait: then it gives the milliseconds, else 0. It is counted before the work,
   * so that tries made at once count as well.
   */
  readonly attempt: (key: string) => Effect.Effect<number, DatabaseError>
  /** Takes one counted failure back: the try was none. */
  readonly refund: (key: string) => Effect.Effect<void, DatabaseError>
  /** After a success: nothing before it counts any more. */
  readonly forget: (key: string) => Effect.Effect<void, DatabaseError>
}

/** A throttle, and what it is asked about. */
export type Try = readonly [throttle: Throttle, key: string]

/** A try that several throttles have a say in. Fails with RATE_LIMITED, and counts then with none of them. */
export const attemptAll = (tries: ReadonlyArray<Try>): Effect.Effect<void, GateError | DatabaseError> =>
  Effect.gen(function* () {
    const counted: Array<Try> = []
    for (const each of tries) {
      const [throttle, key] = each
      const wait = yield* throttle.attempt(key)
      if (wait > 0) {
        for (const [before, counting] of counted) yield* before.refund(counting)
        return yield* Effect.fail(tooManyTries(wait))
      }
      counted.push(each)
    }
  })

const tooManyTries = (wait: number): GateError => {
  const seconds = Math.ceil(wait / 1_000)
  return GateError.make("RATE_LIMITED", `Too many tries. The next one is possible in ${seconds} s.`, {
    headers: { "retry-after": String(seconds) }
  })
}

/** In the database where other processes throttle, too, which is `shared` then; else in memory. */
export const makeThrottle = (rule: ThrottleRule, shared: DatabaseService | undefined): Throttle =>
  shared === undefined ? memoryThrottle(rule) : sharedThrottle(rule, shared)

const pauseAfter = (failures: number, { base, free, max }: ThrottleRule): number => {
  const over = failures - free
  return over <= 0 ? 0 : Math.min(max, base * 2 ** Math.min(over - 1, 30))
}

interface Failures {
  failures: number
  blockedUntil: number
  lastAt: number
}

/** In this process. Bounded: the longest quiet key goes first. */
export const memoryThrottle = (rule: ThrottleRule, most = 10_000): Throttle => {
  const records = new Map<string, Failures>()

  const attempt = (key: string, now: number): number => {
    const known = records.get(key)
    if (known !== undefined && now < known.blockedUntil) return known.blockedUntil - now
    const quiet = known === undefined || now - known.lastAt >= rule.max
    const failures = quiet ? 1 : known.failures + 1
    records.delete(key)
    records.set(key, { failures, blockedUntil: now + pauseAfter(failures, rule), lastAt: now })
    const oldest = records.size > most ? records.keys().next() : undefined
    if (oldest?.done === false) records.delete(oldest.value)
    return 0
  }

  return {
    attempt: (key) => Effect.map(Clock.currentTimeMillis, (now) => attempt(key, now)),
    refund: (key) =>
      Effect.sync(() => {
        const record = records.get(key)
        if (record === undefined) return
        record.failures--
        record.blockedUntil = record.lastAt + pauseAfter(record.failures, rule)
      }),
    forget: (key) => Effect.sync(() => void records.delete(key))
  }
}

/** In a database of PostgreSQL, by hashes: what people type may be their password. */
const sharedThrottle = (rule: ThrottleRule, { sql }: DatabaseService): Throttle => {
  const nameOf = (key: string) => `${rule.name} ${fingerprint(key)}`

  const pause = (failures: Fragment) =>
    sql`CASE WHEN ${failures} <= ${rule.free} THEN 0
      ELSE least(${rule.max}, ${rule.base} * power(2, least(${failures} - ${rule.free} - 1, 30)))::bigint END`

  return {
    attempt: (key) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const name = nameOf(key)
        const until = now + rule.max
        const row = { name, failures: 1, blocked_until: now + pauseAfter(1, rule), last_at: now, until }
        const failures = sql`CASE WHEN ${now} - auth_throttles.last_at >= ${rule.max} THEN 1 ELSE auth_throttles.failures + 1 END`
        const counted = yield* stored(
          sql`INSERT INTO auth_throttles ${sql.insert(row)} ON CONFLICT (name) DO UPDATE SET
            failures = ${failures}, blocked_until = ${now} + ${pause(failures)}, last_at = ${now}, until = ${until}
            WHERE auth_throttles.blocked_until <= ${now} RETURNING name`
        )
        if (counted.length > 0) return 0
        const [known] = yield* stored(
          sql<{ readonly blocked_until: number }>`SELECT blocked_until FROM auth_throttles WHERE name = ${name}`
        )
        return Math.max(1, Number(known?.blocked_until ?? now) - now)
      }),
    refund: (key) =>
      Effect.asVoid(
        stored(
          sql`UPDATE auth_throttles SET failures = failures - 1, blocked_until = last_at + ${pause(sql`failures - 1`)} WHERE name = ${nameOf(key)}`
        )
      ),
    forget: (key) => Effect.asVoid(stored(sql`DELETE FROM auth_throttles WHERE name = ${nameOf(key)}`))
  }
}
