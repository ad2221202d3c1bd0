import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"

/** Milliseconds of real time that a start or a stop may take, where nothing but work is left to wait for. */
const patience = 30_000

/** Something did not end, though nothing that was made to hang stood in its way. */
export class NeverEnded extends Data.TaggedError("NeverEnded")<{ readonly message: string }> {}

const aMoment = Effect.promise(() => new Promise<void>((resume) => void setTimeout(resume, 1)))

/** How the clock goes on while something is waited for. */
export interface Waiting {
  /** Where all that is left is to wait for what hangs, the milliseconds that this takes; otherwise `undefined`. */
  readonly leap: () => number | undefined
  /** What is going on, for the report of an effect that does not end. */
  readonly describe: () => string
}

/**
 * Waits for `effect` on a clock that goes as the world's does while there is work, and leaps once all that is left hangs.
 * So real work takes its real time, whatever the time limits are, and waiting takes none. Gives the result, and the
 * milliseconds that it took by that clock.
 */
export const untilEnded = Effect.fnUntraced(function* <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  { describe, leap }: Waiting
) {
  const begun = yield* Clock.currentTimeMillis
  const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
  const giveUp = performance.now() + patience
  while (fiber.pollUnsafe() === undefined) {
    if (performance.now() > giveUp) {
      return yield* new NeverEnded({ message: `After ${patience} ms it had not ended: ${describe()}` })
    }
    yield* aMoment
    yield* TestClock.adjust(leap() ?? 1)
  }
  return { exit: yield* Fiber.await(fiber), millis: (yield* Clock.currentTimeMillis) - begun }
})
