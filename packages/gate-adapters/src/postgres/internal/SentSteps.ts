import { isAftermath } from "./errors.ts"
import type { Replay } from "./replay.ts"

/** Steps whose answers may all be on their way. Beyond that it is waited for the first of them. */
const mostUnderWay = 64

/** How long others wait for steps that need no answers before they get a turn, in milliseconds. */
const longestStretch = 1

/**
 * What the steps of one work have sent. Nobody waits for the answers to what they change, so without this a long work would
 * never let others have the thread, and would hold all that it ever sent.
 */
export class SentSteps {
  #underWay: Array<Replay> = []
  #failure: { readonly error: unknown } | undefined
  #end = performance.now() + longestStretch

  add(replay: Replay): void {
    this.#underWay.push(replay)
  }

  /** To be waited for before each step. */
  async turn(): Promise<void> {
    if (this.#underWay.length >= mostUnderWay) await this.#settle(this.#underWay.splice(0, mostUnderWay / 2))
    if (performance.now() < this.#end) return
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.#end = performance.now() + longestStretch
  }

  /** What failed first of all that was sent, once all is answered; what came behind it failed because of it. */
  async firstFailure(): Promise<{ readonly error: unknown } | undefined> {
    await this.#settle(this.#underWay.splice(0))
    return this.#failure
  }

  async #settle(replays: ReadonlyArray<Replay>): Promise<void> {
    for (const replay of replays) {
      await replay.settled()
      const failed = replay.firstFailure()
      if (failed === undefined) continue
      // The cause may come behind what it brought down, where a savepoint was taken back in between.
      if (this.#failure === undefined || (isAftermath(this.#failure.error) && !isAftermath(failed.error))) {
        this.#failure = failed
      }
    }
  }
}
