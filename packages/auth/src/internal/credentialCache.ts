/** A verified credential, and until when it may be believed without looking again. */
export interface Cached<A> {
  readonly value: A
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * Verified credentials by fingerprint: a bounded Map whose least recently used entry goes first.
 *
 * `epoch` counts revocations. Whoever verifies a credential notes it before and hands it to `put`, so that one that was
 * revoked in between is not remembered.
 */
export class CredentialCache<A> {
  private readonly entries = new Map<string, Cached<A>>()
  private readonly limit: number
  private revocations = 0

  constructor(limit: number) {
    this.limit = limit
  }

  get epoch(): number {
    return this.revocations
  }

  get size(): number {
    return this.entries.size
  }

  get(fingerprint: string, now: number): A | undefined {
    const entry = this.entries.get(fingerprint)
    if (entry === undefined) return undefined
    this.entries.delete(fingerprint)
    if (now >= entry.expiresAt) return undefined
    this.entries.set(fingerprint, entry)
    return entry.value
  }

  put(fingerprint: string, entry: Cached<A>, epoch: number): void {
    if (epoch !== this.revocations) return
    this.entries.delete(fingerprint)
    this.entries.set(fingerprint, entry)
    if (this.entries.size <= this.limit) return
    const oldest = this.entries.keys().next()
    if (oldest.done !== true) this.entries.delete(oldest.value)
  }

  drop(fingerprint: string): void {
    this.entries.delete(fingerprint)
  }

  /** Something was revoked: everything is looked up again. */
  clear(): void {
    this.revocations++
    this.entries.clear()
  }
}
