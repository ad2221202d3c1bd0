import { GateError } from "@portico/gate"
import type { DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import type { Audit } from "../audit.ts"
import type { LimitRule, LimitRules } from "./limitRules.ts"
import { memoryStore } from "./memoryStore.ts"
import { sharedStore } from "./sharedStore.ts"

/** What came of asking for some of a limit. */
export interface Taken {
  readonly granted: boolean
  /** When counting begins anew, in milliseconds since the epoch. */
  readonly until: number
}

/** Counts what is done, by whom. */
export interface Limits {
  readonly rules: LimitRules
  /** Takes so many at once, or none of them. */
  readonly consume: (rule: LimitRule, key: string, tokens: number) => Effect.Effect<Taken, GateError>
  /** Fails with RATE_LIMITED, and tells the audit log. `wait` is in milliseconds. */
  readonly refuse: (rule: LimitRule, key: string, wait: number) => Effect.Effect<never, GateError>
  /** Takes one. Fails with RATE_LIMITED and when to come again. */
  readonly take: (rule: LimitRule, key: string) => Effect.Effect<void, GateError>
}

const uncounted = GateError.make("UNAVAILABLE", "It cannot be counted just now how often this is done.")

export interface LimitsOptions {
  readonly audit: Pick<Audit, "writeRefusal">
  readonly database: DatabaseService
  /** Whether other processes count on the same database: then they count together. */
  readonly isShared: boolean
}

export const makeLimits = (rules: LimitRules, { audit, database, isShared }: LimitsOptions): Effect.Effect<Limits> =>
  Effect.gen(function* () {
    const inMemory = yield* memoryStore
    const store = isShared ? sharedStore(database, inMemory) : inMemory
    const limiter = yield* Effect.provideService(RateLimiter.make, RateLimiter.RateLimiterStore, store)

    const consume: Limits["consume"] = ({ limit, name, window }, key, tokens) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const after = (time: Duration.Duration, granted: boolean): Taken => ({
          granted,
          until: now + Math.max(1, Math.ceil(Duration.toMillis(time)))
        })
        const asked = limiter.consume({ key: `${name} ${key}`, limit, window, tokens })
        return yield* Effect.matchEffect(asked, {
          onSuccess: ({ resetAfter }) => Effect.succeed(after(resetAfter, true)),
          onFailure: ({ reason }) =>
            reason._tag === "RateLimitExceeded"
              ? Effect.succeed(after(reason.retryAfter, false))
              : Effect.andThen(Effect.logError("A limit could not be counted.", reason), Effect.fail(uncounted))
        })
      })

    const refuse: Limits["refuse"] = (rule, key, wait) => {
      const details = { limit: rule.name, ...(rule.by === "client" ? { client: key } : {}) }
      const who = rule.by === undefined ? { from: { address: key } } : rule.by === "identity" ? { identity: key } : {}
      const told = audit.writeRefusal({ event: "rate-limited", ...who, details })
      return Effect.andThen(Effect.ignore(told), Effect.fail(tooMany(rule, wait)))
    }

    const take: Limits["take"] = (rule, key) =>
      rule.limit === 0
        ? Effect.void
        : Effect.flatMap(consume(rule, key, 1), ({ granted, until }) =>
            granted ? Effect.void : Effect.flatMap(Clock.currentTimeMillis, (now) => refuse(rule, key, until - now))
          )

    return { rules, consume, take, refuse }
  })

/** `wait` is in milliseconds. The header fields are those of draft-ietf-httpapi-ratelimit-headers. */
export const tooMany = ({ limit, name, window }: LimitRule, wait: number): GateError => {
  const seconds = Math.max(1, Math.ceil(wait / 1_000))
  return GateError.make("RATE_LIMITED", `Too many requests. The next one is possible in ${seconds} s.`, {
    headers: {
      "retry-after": String(seconds),
      "ratelimit-policy": `"${name}";q=${limit};w=${window / 1_000}`,
      ratelimit: `"${name}";r=0;t=${seconds}`
    },
    details: { limit: name, max: limit, windowSeconds: window / 1_000, retryAfterSeconds: seconds }
  })
}
