/**
 * A bounded map that forgets what was not used lately. Entries live in a young and an old generation; when the young
 * one is full it becomes the old one, and what nobody asked for since is dropped with it. That is within a factor of
 * two of LRU at the price of one map look-up, and it allocates nothing on a hit.
 */
export class TwoGenerations<K, V> {
  readonly #limit: number
  #young = new Map<K, V>()
  #old = new Map<K, V>()

  /** Holds between `capacity / 2` and `capacity` entries once it is full. */
  constructor(capacity: number) {
    this.#limit = Math.max(1, capacity >> 1)
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  delete(key: K): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
  }
}
