/** When failures begin to cost time. */
export interface ThrottleRule {
  /** Failures that cost nothing. */
  readonly free: number
  /** Milliseconds to wait after the first one that does; it doubles with each further failure. */
  readonly base: number
  /** Milliseconds to wait at most. A key is forgotten when it has been quiet for as long. */
  readonly max: number
}

interface Record {
  failures: number
  blockedUntil: number
  lastAt: number
}

/** Counts failures by key, and says how long to wait before the next try. Bounded: the longest quiet key goes first. */
export class Throttle {
  private readonly rule: ThrottleRule
  private readonly limit: number
  private readonly records = new Map<string, Record>()

  constructor(rule: ThrottleRule, limit = 10_000) {
    this.rule = rule
    this.limit = limit
  }

  /** Milliseconds to wait; 0 is to go ahead. */
  wait(key: string, now: number): number {
    return Math.max(0, (this.records.get(key)?.blockedUntil ?? 0) - now)
  }

  /** Counts a failure. It is counted before the work, so that tries made at once count as well. */
  fail(key: string, now: number): void {
    const known = this.records.get(key)
    const quiet = known === undefined || now - known.lastAt >= this.rule.max
    const failures = quiet ? 1 : known.failures + 1
    const over = failures - this.rule.free
    const pause = over <= 0 ? 0 : Math.min(this.rule.max, this.rule.base * 2 ** Math.min(over - 1, 30))
    this.records.delete(key)
    this.records.set(key, { failures, blockedUntil: now + pause, lastAt: now })
    if (this.records.size <= this.limit) return
    const oldest = this.records.keys().next()
    if (oldest.done !== true) this.records.delete(oldest.value)
  }

  /** Takes one counted failure back: the try was none. */
  refund(key: string): void {
    const record = this.records.get(key)
    if (record !== undefined) record.failures--
  }

  /** After a success: nothing before it counts any more. */
  forget(key: string): void {
    this.records.delete(key)
  }
}
