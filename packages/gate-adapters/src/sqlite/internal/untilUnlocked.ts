import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { isLocked } from "./errors.ts"

const pause = 10
const spaced = Schedule.spaced(pause)

/**
 * Tries again while another process holds SQLite's lock, for at most `busyTimeout` milliseconds. It sleeps in between
 * and so leaves the event loop to readers, where SQLite's own `busy_timeout` would block the thread.
 */
export const untilUnlocked =
  (busyTimeout: number) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.retry(self, { while: isLocked, times: Math.ceil(busyTimeout / pause), schedule: spaced })
