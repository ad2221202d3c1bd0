import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** How long what a handler gives is waited for when it is to end. Less than the time in which a module has to stop. */
const grace = "3 seconds"

/** The call that a handler gives something to. */
interface Call {
  readonly origin: string
  readonly path: string
  /** Tells the handler that the call is over. */
  readonly end: Effect.Effect<void>
}

/** Reads an iterator, and knows whether it is at work. */
class Reading implements AsyncIterator<unknown> {
  readonly #iterator: AsyncIterator<unknown>
  state: "idle" | "working" | "over" = "idle"

  constructor(iterable: AsyncIterable<unknown>) {
    this.#iterator = iterable[Symbol.asyncIterator]()
  }

  async next(): Promise<IteratorResult<unknown>> {
    let state: Reading["state"] = "over"
    this.state = "working"
    try {
      const next = await this.#iterator.next()
      if (next.done !== true) state = "idle"
      return next
    } finally {
      this.state = state
    }
  }

  /** Asks it to end. An iterator of generators does so when its work on the next item is done. */
  async end(): Promise<void> {
    await this.#iterator.return?.()
  }
}

/**
 * Reads what handlers give as iterables, each until the scope of its call closes. It is asked to end then, and waited for,
 * though not for ever. One that waits to be asked for its next item may still use its clients for that. One that is at
 * work is told first that the call is over: what it waits for may never come.
 */
export const iteratedIn =
  (scope: Scope.Scope, call: Call) =>
  (iterable: AsyncIterable<unknown>): Stream.Stream<unknown, unknown> =>
    Stream.unwrap(
      Effect.gen(function* () {
        const reading = yield* Effect.try({ try: () => new Reading(iterable), catch: (cause) => cause })
        yield* Scope.addFinalizer(
          scope,
          Effect.suspend(() => (reading.state === "over" ? Effect.void : ending(reading, call)))
        )
        const read = { [Symbol.asyncIterator]: () => ({ next: () => reading.next() }) }
        return Stream.fromAsyncIterable(read, (cause) => cause)
      })
    )

const ending = Effect.fnUntraced(function* (reading: Reading, { end, origin, path }: Call) {
  if (reading.state === "working") yield* end
  const asked = Effect.tryPromise({ try: () => reading.end(), catch: (cause) => cause })
  const exit = yield* Effect.timeoutOption(Effect.interruptible(Effect.exit(asked)), grace)
  const told = Option.isNone(exit)
    ? Effect.logWarning(`${path} went on for ${grace} after its call was over, and is not waited for.`)
    : Exit.isFailure(exit.value)
      ? Effect.logError(`${path} failed at its end.`, exit.value.cause)
      : Effect.void
  yield* Effect.annotateLogs(told, { domain: origin })
})
