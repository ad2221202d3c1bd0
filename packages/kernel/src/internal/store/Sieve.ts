import { Queue, type Queued } from "./Queue.ts"

class Entry<K, V> implements Queued<Entry<K, V>> {
  visited = false
  newer: Entry<K, V> | undefined = undefined
  older: Entry<K, V> | undefined = undefined
  readonly key: K
  value: V

  constructor(key: K, value: V) {
    this.key = key
    this.value = value
  }
}

/** A bounded map that keeps what is asked for again; see {@link Queue}. */
export class Sieve<K, V> {
  readonly #capacity: number
  readonly #entries = new Map<K, Entry<K, V>>()
  readonly #queue = new Queue<Entry<K, V>>()

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
    const entry = new Entry(key, value)
    this.#queue.add(entry)
    this.#entries.set(key, entry)
  }

  delete(key: K): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#queue.remove(entry)
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
    this.#queue.clear()
  }

  get size(): number {
    return this.#entries.size
  }

  #evict(): void {
    const entry = this.#queue.evict()
    if (entry !== undefined) this.#entries.delete(entry.key)
  }
}
