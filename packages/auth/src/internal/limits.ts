import { GateError } from "@portico/gate"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RateLimiter from "effect/persistence/RateLimiter"

/** How often something may be done within a time. */
export interface LimitRule {
  readonly name: string
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
}

const minute = 60_000

/** Limits by address; a person does none of this as often. */
export const limitRules = {
  signIn: { name: "sign-in", limit: 60, window: minute },
  token: { name: "token", limit: 600, window: minute },
  register: { name: "register", limit: 20, window: 60 * minute },
  userCode: { name: "user-code", limit: 10, window: 10 * minute }
} as const satisfies Readonly<Record<string, LimitRule>>

/** Counts what is done, by whom. */
export interface Limits {
  /** Fails with RATE_LIMITED and when to come again. */
  readonly take: (rule: LimitRule, key: string) => Effect.Effect<void, GateError>
}

/** Keys that are counted at once; the one whose time began first is forgotten first. */
const counted = 20_000

/** The memory of effect's own store grows with every address. This one does not. */
const boundedStore = Effect.map(Layer.build(RateLimiter.layerStoreMemory), (built) => {
  const counters = new Map<string, { count: number; readonly until: number }>()
  return RateLimiter.RateLimiterStore.of({
    ...Context.get(built, RateLimiter.RateLimiterStore),
    fixedWindow: ({ key, limit = Number.POSITIVE_INFINITY, refillRate, tokens }) =>
      Effect.clockWith((clock) =>
        Effect.sync(() => {
          const now = clock.currentTimeMillisUnsafe()
          let counter = counters.get(key)
          if (counter === undefined || counter.until <= now) {
            counters.delete(key)
            counter = { count: 0, until: now + Math.ceil(Duration.toMillis(refillRate) * limit) }
            counters.set(key, counter)
            const oldest = counters.size > counted ? counters.keys().next() : undefined
            if (oldest?.done === false) counters.delete(oldest.value)
          }
          const count = counter.count + tokens
          if (count <= limit) counter.count = count
          return [count, counter.until - now] as const
        })
      )
  })
})

export const makeLimits = Effect.gen(function* () {
  const store = yield* boundedStore
  const limiter = yield* Effect.provideService(RateLimiter.make, RateLimiter.RateLimiterStore, store)
  const limits: Limits = {
    take: ({ limit, name, window }, key) =>
      Effect.asVoid(
        Effect.mapError(limiter.consume({ key: `${name} ${key}`, limit, window }), ({ reason }) =>
          reason._tag === "RateLimitExceeded"
            ? tooMany(Duration.toMillis(reason.retryAfter))
            : GateError.make("INTERNAL")
        )
      )
  }
  return limits
})

const tooMany = (wait: number): GateError =>
  GateError.make("RATE_LIMITED", "Too many requests.", {
    headers: { "retry-after": String(Math.max(1, Math.ceil(wait / 1_000))) }
  })

/** Whoever has one IPv6 address has all of its /64. */
export const addressKey = (address: string | undefined): string => {
  if (address === undefined) return ""
  if (!address.includes(":") || address.startsWith("::ffff:")) return address
  const [head = "", tail] = address.split("::")
  const groups = head === "" ? [] : head.split(":")
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length)
  return [...groups, ...Array.from({ length: missing }, () => "0"), ...(tail ?? "").split(":")].slice(0, 4).join(":")
}
