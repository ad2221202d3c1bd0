import type { GateError } from "@portico/gate"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { LimitRule } from "./limitRules.ts"
import { type Limits, tooMany } from "./limits.ts"
import { mostCounted } from "./memoryStore.ts"

/** What one key has at hand of its limit. */
interface Lease {
  left: number
  /** Milliseconds since the epoch. */
  readonly until: number
  /** Whether nothing more can be had before then. */
  readonly isUsedUp: boolean
}

/** Parts of a limit that are taken at a time. */
const parts = 50

/**
 * A limit that is asked for on the hot path: it is taken in parts and spent from memory, so that most requests cost one
 * look into a Map, and processes that count together do not meet at each of them. A part that one of them has taken and
 * not spent when the time is over is lost, and the longest known key goes first where there are too many.
 */
export class Allowance {
  private readonly rule: LimitRule
  private readonly limits: Pick<Limits, "consume" | "refuse">
  private readonly clock: Clock.Clock
  private readonly leases = new Map<string, Lease>()

  /** `clock` is the module's: requests are counted before they get any module's services. */
  constructor(rule: LimitRule, limits: Pick<Limits, "consume" | "refuse">, clock: Clock.Clock) {
    this.rule = rule
    this.limits = limits
    this.clock = clock
  }

  /** Spends `calls`. Fails with RATE_LIMITED. */
  take(key: string, calls: number): Effect.Effect<void, GateError> {
    const { limit } = this.rule
    if (limit === 0) return Effect.void
    const lease = this.leases.get(key)
    const now = this.clock.currentTimeMillisUnsafe()
    if (lease !== undefined && now < lease.until) {
      if (lease.isUsedUp) return Effect.fail(tooMany(this.rule, lease.until - now))
      if (lease.left >= calls) {
        lease.left -= calls
        return Effect.void
      }
    }
    // What is more than there could ever be takes all there is.
    return Effect.provideService(this.lease(key, Math.min(calls, limit)), Clock.Clock, this.clock)
  }

  /** Why nothing can be had at the moment, as far as that is known without asking. */
  refusal(key: string): GateError | undefined {
    const lease = this.leases.get(key)
    if (lease?.isUsedUp !== true) return undefined
    const wait = lease.until - this.clock.currentTimeMillisUnsafe()
    return wait > 0 ? tooMany(this.rule, wait) : undefined
  }

  private lease(key: string, calls: number): Effect.Effect<void, GateError> {
    const part = Math.max(calls, Math.ceil(this.rule.limit / parts))
    const ask = (tokens: number) => this.limits.consume(this.rule, key, tokens)
    return Effect.flatMap(ask(part), (whole) => {
      if (whole.granted) return this.keep(key, part - calls, whole.until)
      if (part === calls) return this.refuse(key, calls, whole.until)
      return Effect.flatMap(ask(calls), ({ granted, until }) =>
        granted ? this.keep(key, 0, until) : this.refuse(key, calls, until)
      )
    })
  }

  private keep(key: string, more: number, until: number): Effect.Effect<void> {
    const before = this.leases.get(key)
    const isGood = before !== undefined && this.clock.currentTimeMillisUnsafe() < before.until
    this.put(key, { left: more + (isGood ? before.left : 0), until, isUsedUp: false })
    return Effect.void
  }

  private refuse(key: string, calls: number, until: number): Effect.Effect<never, GateError> {
    // Who asked for several at once may still have one.
    if (calls === 1) this.put(key, { left: 0, until, isUsedUp: true })
    return this.limits.refuse(this.rule, key, until - this.clock.currentTimeMillisUnsafe())
  }

  private put(key: string, lease: Lease): void {
    this.leases.delete(key)
    this.leases.set(key, lease)
    const oldest = this.leases.size > mostCounted ? this.leases.keys().next() : undefined
    if (oldest?.done === false) this.leases.delete(oldest.value)
  }
}
