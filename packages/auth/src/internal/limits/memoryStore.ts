import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RateLimiter from "effect/persistence/RateLimiter"

/** Keys that are counted at once; the one whose time began first is forgotten first. */
export const mostCounted = 20_000

/** Counts in this process. The memory of effect's own store grows with every address; this one's does not. */
export const memoryStore = Effect.scoped(
  Effect.map(Layer.build(RateLimiter.layerStoreMemory), (built) => {
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
              const oldest = counters.size > mostCounted ? counters.keys().next() : undefined
              if (oldest?.done === false) counters.delete(oldest.value)
            }
            const count = counter.count + tokens
            if (count <= limit) counter.count = count
            return [count, counter.until - now] as const
          })
        )
    })
  })
)
