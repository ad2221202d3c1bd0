interface Entry<K, V> {
  readonly key: K
  value: V
  /** Asked for since the hand last passed. */
  visited: boolean
  newer: Entry<K, V> | undefined
  older: Entry<K, V> | undefined
}

/**
 * A bounded map that keeps what is asked for again. A hand goes from the oldest entry to the newest and removes the
 * first that nobody asked for since it last came by. So what is wanted once leaves soon, what is hot stays, and a hit
 * costs a look-up and a flag. Source: Zhang et al., SIEVE is Simpler than LRU, NSDI 2024.
 */
export class Sieve<K, V> {
  readonly #capacity: number
  readonly #entries = new Map<K, Entry<K, V>>()
  #newest: Entry<K, V> | undefined
  #oldest: Entry<K, V> | undefined
  #hand: Entry<K, V> | undefined

  constructor(capacity: number) {
    this.#capacity = Math.max(1, capacity)
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    entry.visited = true
    return entry.value
  }

  set(key: K, value: V): void {
    const known = this.#entries.get(key)
    if (known !== undefined) {
      known.value = value
      known.visited = true
      return
    }
    if (this.#entries.size >= this.#capacity) this.#evict()
    const entry: Entry<K, V> = { key, value, visited: false, newer: undefined, older: this.#newest }
    if (this.#newest !== undefined) this.#newest.newer = entry
    this.#newest = entry
    this.#oldest ??= entry
    this.#entries.set(key, entry)
  }

  delete(key: K): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#remove(entry)
  }

  clear(): void {
    this.#entries.clear()
    this.#newest = undefined
    this.#oldest = undefined
    this.#hand = undefined
  }

  get size(): number {
    return this.#entries.size
  }

  #evict(): void {
    let at = this.#hand ?? this.#oldest
    while (at?.visited === true) {
      at.visited = false
      at = at.newer ?? this.#oldest
    }
    if (at === undefined) return
    this.#hand = at.newer
    this.#remove(at)
  }

  #remove(entry: Entry<K, V>): void {
    const { newer, older } = entry
    if (newer === undefined) this.#newest = older
    else newer.older = older
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (this.#hand === entry) this.#hand = newer
    this.#entries.delete(entry.key)
  }
}
