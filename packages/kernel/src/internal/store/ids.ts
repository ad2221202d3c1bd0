/** Makes ids of nodes. */
export interface Ids {
  /** A UUIDv7 that sorts after every one made before it by this maker (RFC 9562, method 1). */
  readonly next: () => string
}

const hex: ReadonlyArray<string> = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))
const poolSize = 8192
const maxCounter = 2 ** 42 - 1
const low30 = 2 ** 30

/**
 * Monotone UUIDv7s: 48 bits of milliseconds, a 42-bit counter that starts anywhere in its lower half at each new
 * millisecond, and 32 random bits. Randomness is drawn by the pool, because a draw per id costs more than the insert
 * of the node that it names. If the clock steps back, the counter goes on from the last millisecond; `after` is an id
 * of an earlier process, which counts as well.
 */
export const makeIds = (
  now: () => number,
  fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void,
  after?: string
): Ids => {
  const pool = new Uint8Array(poolSize)
  let used = poolSize
  // Counting on from the last counter of that millisecond: none of this process is in it.
  let millis = after === undefined ? -1 : millisOf(after)
  let counter = after === undefined ? 0 : maxCounter

  const random32 = (): number => {
    if (used + 4 > poolSize) {
      fillRandom(pool)
      used = 0
    }
    let bits = 0
    for (let i = 0; i < 4; i++) bits = bits * 256 + (pool[used++] ?? 0)
    return bits
  }
  const seed = (): number => (random32() & 0x7ff) * low30 + (random32() % low30)

  const next = (): string => {
    const at = now()
    if (at > millis) {
      millis = at
      counter = seed()
    } else if (counter < maxCounter) {
      counter++
    } else {
      millis++
      counter = seed()
    }
    const high = Math.floor(counter / low30)
    const low = counter % low30
    return format(millis, high, low, random32())
  }
  return { next }
}

/** The timestamp of a UUIDv7. */
const millisOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)

const byte = (value: number): string => hex[value & 0xff] ?? ""

const format = (millis: number, high: number, low: number, tail: number): string => {
  const upper = Math.floor(millis / 2 ** 32)
  const lower = millis >>> 0
  return (
    `${byte(upper >>> 8)}${byte(upper)}${byte(lower >>> 24)}${byte(lower >>> 16)}-` +
    `${byte(lower >>> 8)}${byte(lower)}-${byte(0x70 | (high >>> 8))}${byte(high)}-` +
    `${byte(0x80 | (low >>> 24))}${byte(low >>> 16)}-` +
    `${byte(low >>> 8)}${byte(low)}${byte(tail >>> 24)}${byte(tail >>> 16)}${byte(tail >>> 8)}${byte(tail)}`
  )
}
