import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"

/**
 * Runs `effect` and waits for it at most `millis`. Unlike `Effect.timeout` it also comes back when `effect` cannot be
 * interrupted, as an acquisition that hangs cannot: then it is told to stop and left behind.
 * If the waiting is interrupted, `effect` is interrupted too and given `grace` milliseconds to end.
 */
export const withDeadline = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  millis: number,
  grace: number = millis
): Effect.Effect<Option.Option<Exit.Exit<A, E>>, never, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDetach(restore(effect)), (fiber) =>
      restore(Effect.timeoutOption(Fiber.await(fiber), millis)).pipe(
        Effect.tap((exit) => (Option.isNone(exit) ? Effect.sync(() => fiber.interruptUnsafe()) : Effect.void)),
        Effect.onInterrupt(() =>
          Effect.ignore(Effect.timeoutOption(Effect.interruptible(Fiber.interrupt(fiber)), grace))
        )
      )
    )
  )

/** The same for work whose result is of no interest: whether it ended well, ended badly, or did not end. */
export const endedWithin = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  millis: number
): Effect.Effect<"ended" | "failed" | "late", never, R> =>
  Effect.map(
    withDeadline(effect, millis),
    Option.match({
      onNone: () => "late" as const,
      onSome: (exit) => (Exit.isSuccess(exit) ? ("ended" as const) : ("failed" as const))
    })
  )
