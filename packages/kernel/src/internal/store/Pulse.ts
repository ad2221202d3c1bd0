import * as Effect from "effect/Effect"

/**
 * Wakes whoever waits for commits. A beat is only a hint that something may be new: whoever is woken reads the store.
 * It beats after each commit of this process; whoever learns of commits of other processes may beat it as well.
 */
export class Pulse {
  readonly #awaited: (() => void) | undefined
  #count = 0
  #waiting = new Set<() => void>()

  /** How often it has beaten. Ask before reading, and wait for more after it. */
  get count(): number {
    return this.#count
  }

  /** `awaited` is told when somebody begins to wait and nobody did before. */
  constructor(awaited?: () => void) {
    this.#awaited = awaited
  }

  get isAwaited(): boolean {
    return this.#waiting.size > 0
  }

  beat(): void {
    this.#count++
    if (this.#waiting.size === 0) return
    const woken = this.#waiting
    this.#waiting = new Set()
    for (const wake of woken) wake()
  }

  /** Completes once it has beaten more than `count` times. */
  after(count: number): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (this.#count > count) {
        resume(Effect.void)
        return
      }
      const wake = () => resume(Effect.void)
      this.#waiting.add(wake)
      if (this.#waiting.size === 1) this.#awaited?.()
      return Effect.sync(() => this.#waiting.delete(wake))
    })
  }
}
