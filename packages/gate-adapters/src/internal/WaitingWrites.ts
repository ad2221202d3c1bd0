/** A write that waits for its commit. */
export interface Waiting {
  /** Set when nobody waits for it any more. */
  readonly cancelled: boolean
  /** Whether it takes its time, so that nobody should have to share a commit with it. */
  readonly isLong: boolean
}

/** Writes in one commit. Others wait for the next one, so that other processes get a turn in between. */
const batchLimit = 256

/** Writes that wait, in their order. Long ones get a commit of their own, and take turns with the others. */
export class WaitingWrites<W extends Waiting> {
  #waiting: Array<W> = []
  /** Whether others went before a long one that still waits. */
  #isDue = false

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  add(write: W): void {
    this.#waiting.push(write)
  }

  /** Puts back what was taken and could not be begun. */
  putBack(writes: ReadonlyArray<W>): void {
    this.#waiting.unshift(...writes)
  }

  /** Takes what the next commit is made of. */
  take(): Array<W> {
    const wanted = this.#waiting.filter(({ cancelled }) => !cancelled)
    const long = wanted.find(({ isLong }) => isLong)
    const others = long === undefined ? wanted : wanted.filter(({ isLong }) => !isLong)
    const isLongNext = long !== undefined && (this.#isDue || others.length === 0)
    const taken = isLongNext ? [long] : others.slice(0, batchLimit)
    this.#isDue = long !== undefined && !isLongNext
    const gone = new Set(taken)
    this.#waiting = wanted.filter((write) => !gone.has(write))
    return taken
  }

  /** Takes all that wait. */
  takeAll(): Array<W> {
    return this.#waiting.splice(0)
  }
}
