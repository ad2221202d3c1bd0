import * as Effect from "effect/Effect"
import type { Wire } from "../../HttpTransport.ts"

/** How much may wait for a peer to take it. */
export interface OutletLimits {
  readonly bytes: number
  readonly messages: number
}

/**
 * Keeps what waits for one peer in bounds. effect's `Socket` hands every message to the connection at once, so whoever
 * writes asks for room first.
 */
export class Outlet {
  private readonly wire: Wire
  private readonly limits: OutletLimits
  /** Where each message that waits ends, in bytes since the beginning; the first is the oldest. */
  private readonly ends: Array<number> = []
  private queued = 0
  private readonly waiting = new Set<() => void>()
  private readonly watchers = new Set<() => void>()
  private flushing = false
  private unbounded = false

  constructor(wire: Wire, limits: OutletLimits) {
    this.wire = wire
    this.limits = limits
  }

  /** Whether somebody waits for room. */
  get isBlocked(): boolean {
    return this.waiting.size > 0
  }

  /** Bytes that waited and that the peer has taken since. */
  get taken(): number {
    return this.queued - this.wire.pending()
  }

  /** Keeps count of what `write` writes and the peer does not take at once. */
  counting(write: Effect.Effect<void>): Effect.Effect<void> {
    return Effect.suspend(() => {
      const before = this.wire.pending()
      return Effect.map(write, () => {
        const grown = this.wire.pending() - before
        if (grown <= 0) return
        this.queued += grown
        this.ends.push(this.queued)
      })
    })
  }

  /** Lets everything through: for the last words to a peer that is being cut. */
  release(): void {
    this.unbounded = true
    this.look()
  }

  /** Waits until another message may be written. */
  readonly room: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.hasRoom()) return resume(Effect.void)
    const done = () => resume(Effect.void)
    this.waiting.add(done)
    for (const watcher of [...this.watchers]) watcher()
    this.watch()
    return Effect.sync(() => void this.waiting.delete(done))
  })

  /** Waits until somebody has to wait for room. */
  readonly blocked: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.isBlocked) return resume(Effect.void)
    const done = () => {
      this.watchers.delete(done)
      resume(Effect.void)
    }
    this.watchers.add(done)
    return Effect.sync(() => void this.watchers.delete(done))
  })

  /** Whether another message may be written. */
  hasRoom(): boolean {
    if (this.unbounded) return true
    const pending = this.wire.pending()
    if (pending >= this.limits.bytes) return false
    const { taken } = this
    while (this.ends[0] !== undefined && this.ends[0] <= taken) this.ends.shift()
    return this.ends.length < this.limits.messages
  }

  private watch(): void {
    if (this.flushing) return
    this.flushing = true
    this.wire.onFlushed(() => {
      this.flushing = false
      this.look()
    })
  }

  /** Wakes all who wait; each looks again before it writes. */
  private look(): void {
    if (!this.hasRoom()) {
      this.watch()
      return
    }
    const woken = [...this.waiting]
    this.waiting.clear()
    for (const resume of woken) resume()
  }
}
