import { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** Until when a call may last, in milliseconds since the epoch, and what it fails with after that. */
export interface Deadline {
  readonly at: number
  readonly error: PorticoError
}

/** Whether a call is still running, for what was made for it. */
export interface CallLife {
  /** Set once it is over. */
  readonly over: boolean
  /** Fails with CANCELLED once it is over. */
  readonly ended: Effect.Effect<never, PorticoError>
  readonly end: Effect.Effect<void>
}

const ended = PorticoError.make("CANCELLED", "The call that this authority was for is over.")
const stopped = PorticoError.make("UNAVAILABLE", "What runs this domain is being stopped.")

/** How long a stream is kept that nobody begins to read, in milliseconds. */
const unreadFor = 30_000

const past = ({ at, error }: Deadline): Effect.Effect<never, PorticoError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.delay(Effect.fail(error), Math.max(0, at - now)))

/**
 * Runs calls, each in a scope of its own that closes with its end: when it has given its value, or when its stream was
 * read to its end, failed, or is no longer read. Either has to be by the deadline. Closing `host` ends all of them.
 */
export const makeCallScopes = (host: Scope.Scope) => {
  /** Closes a call's scope, which `host` waits for as well. */
  const closing = (scope: Scope.Closeable, exit: Exit.Exit<unknown, unknown>) =>
    Effect.flatMap(Effect.forkIn(Scope.close(scope, exit), host, { uninterruptible: true }), Fiber.await)

  /** A stream that closes its call's scope when it is over. One that nobody begins to read is over as well. */
  const lasting = Effect.fnUntraced(function* (
    items: Stream.Stream<unknown, PorticoError>,
    scope: Scope.Closeable,
    life: CallLife,
    deadline: Deadline
  ) {
    const begun = yield* Deferred.make<void>()
    const unread = Effect.timeoutOrElse(Deferred.await(begun), {
      duration: unreadFor,
      orElse: () => Scope.close(scope, Exit.void)
    })
    yield* Effect.forkIn(unread, host)
    const over = Effect.raceFirst(
      past(deadline),
      Effect.mapError(life.ended, () => stopped)
    )
    return Stream.suspend(() => (life.over ? Stream.fail(ended) : Stream.interruptWhen(items, over))).pipe(
      Stream.onStart(Deferred.succeed(begun, undefined)),
      Stream.onExit((exit) => closing(scope, exit))
    )
  })

  return (
    run: (life: CallLife) => Effect.Effect<unknown, PorticoError, Scope.Scope>,
    deadline: Deadline
  ): Effect.Effect<unknown, PorticoError> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const scope = yield* Scope.fork(host)
        const over = yield* Deferred.make<never, PorticoError>()
        const life = {
          over: false,
          ended: Deferred.await(over),
          end: Effect.suspend(() => {
            life.over = true
            return Deferred.fail(over, ended)
          })
        }
        yield* Scope.addFinalizer(scope, life.end)
        const result = yield* restore(Effect.raceFirst(Scope.provide(run(life), scope), past(deadline))).pipe(
          Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
        )
        if (Stream.isStream(result)) {
          // Boundary: a domain's stream fails with errors of the catalogue, and needs no services.
          return yield* lasting(result as Stream.Stream<unknown, PorticoError>, scope, life, deadline)
        }
        yield* Scope.close(scope, Exit.void)
        return result
      })
    )
}
