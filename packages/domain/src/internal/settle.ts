import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"

/** What an author's function gives, whichever way it gives it, with what it throws as a failure. */
export const settle = <A>(
  run: () => A | Promise<A> | Effect.Effect<A, unknown, Scope.Scope>
): Effect.Effect<A, unknown, Scope.Scope> =>
  Effect.suspend(() => {
    try {
      const given = run()
      if (Effect.isEffect(given)) return given
      if (Predicate.isPromiseLike(given)) return Effect.tryPromise({ try: () => given, catch: (cause) => cause })
      return Effect.succeed(given)
    } catch (cause) {
      return Effect.fail(cause)
    }
  })
