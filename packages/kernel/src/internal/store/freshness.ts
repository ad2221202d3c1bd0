import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"

/** Looks that are under way at the same time. */
const most = 2

/**
 * Shares looks at how far the store has come. Gives an effect that ends once a look has ended which began after the
 * effect did; one look serves all that wait for it to begin.
 */
export const makeFreshness = <E>(look: Effect.Effect<void, E>): Effect.Effect<Effect.Effect<void, E>> =>
  Effect.map(Effect.context<never>(), (context) => {
    let waiting: Array<(exit: Exit.Exit<void, E>) => void> = []
    let planned = false
    let underWay = 0

    const plan = (): void => {
      if (planned || underWay >= most) return
      planned = true
      // Whatever else comes in this turn of the event loop shares the look.
      queueMicrotask(begin)
    }

    const begin = (): void => {
      planned = false
      const served = waiting
      waiting = []
      underWay++
      Effect.runForkWith(context)(look).addObserver((exit) => {
        underWay--
        for (const resume of served) resume(exit)
        if (waiting.length > 0) plan()
      })
    }

    return Effect.callback<void, E>((resume) => {
      waiting.push(resume)
      plan()
    })
  })
