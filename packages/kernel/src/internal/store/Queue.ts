/** What stands in a {@link Queue}. It carries its own place there, so that finding it finds that, too. */
export interface Queued<E> {
  /** Asked for since the hand last passed. */
  visited: boolean
  newer: E | undefined
  older: E | undefined
}

/**
 * Who came when, for a bounded memory that keeps what is asked for again. A hand goes from the oldest to the newest and
 * removes the first that nobody asked for since it last came by. So what is wanted once leaves soon, what is hot stays,
 * and asking costs a flag. Source: Zhang et al., SIEVE is Simpler than LRU, NSDI 2024.
 */
export class Queue<E extends Queued<E>> {
  #newest: E | undefined
  #oldest: E | undefined
  #hand: E | undefined

  add(entry: E): void {
    entry.older = this.#newest
    if (this.#newest !== undefined) this.#newest.newer = entry
    this.#newest = entry
    this.#oldest ??= entry
  }

  /** Takes out who has to go; `undefined` if nobody stands here. */
  evict(): E | undefined {
    let at = this.#hand ?? this.#oldest
    while (at?.visited === true) {
      at.visited = false
      at = at.newer ?? this.#oldest
    }
    if (at === undefined) return undefined
    this.#hand = at.newer
    this.remove(at)
    return at
  }

  remove(entry: E): void {
    const { newer, older } = entry
    if (newer === undefined) this.#newest = older
    else newer.older = older
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (this.#hand === entry) this.#hand = newer
    // Whoever still holds the entry would hold its neighbours, and theirs, with it.
    entry.newer = undefined
    entry.older = undefined
    entry.visited = false
  }

  clear(): void {
    for (let at = this.#oldest; at !== undefined; ) {
      const { newer } = at
      at.newer = undefined
      at.older = undefined
      at.visited = false
      at = newer
    }
    this.#newest = undefined
    this.#oldest = undefined
    this.#hand = undefined
  }
}
