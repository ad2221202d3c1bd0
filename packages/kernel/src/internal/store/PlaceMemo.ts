/**
 * A bounded memory of where nodes are: a number for a number, in flat tables of a fixed size. A key has its two slots,
 * the older of which gives way, so that keeping and finding cost next to nothing however much is kept. Tables that nobody
 * writes to take no memory.
 */
export class PlaceMemo {
  readonly #pairs: number
  /** 0 where a slot is free: keys of nodes are above it. */
  readonly #keys: Float64Array
  readonly #places: Float64Array

  constructor(capacity: number) {
    this.#pairs = 2 ** Math.max(0, Math.floor(Math.log2(capacity)) - 1)
    this.#keys = new Float64Array(this.#pairs * 2)
    this.#places = new Float64Array(this.#pairs * 2)
  }

  get(key: number): number | undefined {
    const slot = this.#slotOf(key)
    return slot === undefined ? undefined : this.#places[slot]
  }

  set(key: number, place: number): void {
    const known = this.#slotOf(key)
    if (known !== undefined) {
      this.#places[known] = place
      return
    }
    const newer = this.#firstOf(key)
    this.#keys[newer + 1] = this.#keys[newer] ?? 0
    this.#places[newer + 1] = this.#places[newer] ?? 0
    this.#keys[newer] = key
    this.#places[newer] = place
  }

  delete(key: number): void {
    const slot = this.#slotOf(key)
    if (slot !== undefined) this.#keys[slot] = 0
  }

  clear(): void {
    this.#keys.fill(0)
  }

  /** Keys go up by one, so neighbours have slots beside each other. */
  #firstOf(key: number): number {
    return (key & (this.#pairs - 1)) * 2
  }

  #slotOf(key: number): number | undefined {
    if (key <= 0) return undefined
    const first = this.#firstOf(key)
    if (this.#keys[first] === key) return first
    return this.#keys[first + 1] === key ? first + 1 : undefined
  }
}
