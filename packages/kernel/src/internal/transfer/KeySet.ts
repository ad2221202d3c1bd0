/** Keys in one page. */
const page = 4_096
const bits = 32

/** A set of keys of nodes, which are numbers that lie close together: a bit each. */
export class KeySet {
  readonly #pages = new Map<number, Uint32Array>()
  #last = -1

  add(key: number): void {
    const at = Math.floor(key / page)
    const known = this.#pages.get(at)
    const words = known ?? new Uint32Array(page / bits)
    if (known === undefined) this.#pages.set(at, words)
    this.#last = Math.max(this.#last, at)
    const within = key % page
    words[within >> 5] = (words[within >> 5] ?? 0) | (1 << (within & 31))
  }

  has(key: number): boolean {
    const words = this.#pages.get(Math.floor(key / page))
    return words !== undefined && isIn(words, key % page)
  }

  /** The next `limit` keys from `from` on, ascending. */
  from(from: number, limit: number): ReadonlyArray<number> {
    const found: Array<number> = []
    for (let at = Math.floor(from / page); at <= this.#last; at++) {
      const words = this.#pages.get(at)
      if (words === undefined) continue
      for (let key = Math.max(from, at * page); key < (at + 1) * page; key++) {
        if (!isIn(words, key % page)) continue
        found.push(key)
        if (found.length === limit) return found
      }
    }
    return found
  }
}

const isIn = (words: Uint32Array, within: number): boolean => ((words[within >> 5] ?? 0) & (1 << (within & 31))) !== 0
