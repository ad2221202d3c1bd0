import type { Steps } from "@portico/gate/database"
import type * as Effect from "effect/Effect"

/** Runs every step of a work at once. */
export const runSteps = <A, E>(steps: Steps<A, E>): Effect.Effect<A, E> => {
  let next = steps.next()
  while (next.done !== true) {
    const run = next.value
    let given: unknown
    try {
      given = run()
    } catch (thrown) {
      next = steps.throw(thrown)
      continue
    }
    next = steps.next(given)
  }
  return next.value
}
