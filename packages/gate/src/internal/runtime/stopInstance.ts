import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { endedWithin } from "./deadline.ts"
import type { InstanceCore } from "./InstanceCore.ts"
import { releaseModules } from "./releaseModules.ts"

/** Milliseconds that clients of sockets get to take why their calls are cut off. */
const goodbye = 500

/** Waits until no request is being answered and no connection is open. */
const drained = (core: InstanceCore): Effect.Effect<void> =>
  Effect.andThen(
    Effect.callback<void>((resume) => {
      const cancel = core.traffic.onIdle(() => resume(Effect.void))
      return Effect.sync(cancel)
    }),
    Effect.forEach(core.listeners?.all ?? [], (listener) => listener.closed, {
      concurrency: "unbounded",
      discard: true
    })
  )

const stopListening = Effect.fnUntraced(function* (core: InstanceCore) {
  const { drainDeadline, shutdownDelay } = core.around.framework
  const listeners = core.listeners?.all ?? []
  if (shutdownDelay > 0) yield* Effect.sleep(shutdownDelay)
  core.traffic.closing = true
  yield* Effect.forEach(listeners, (listener) => listener.stopAccepting, { discard: true })
  core.sockets.drain(drainDeadline)
  const ended = yield* Effect.timeoutOption(drained(core), drainDeadline)
  if (Option.isNone(ended) && core.traffic.inFlight > 0) {
    yield* Effect.logWarning(
      `${core.traffic.inFlight} requests did not end within ${drainDeadline} ms; they are cut off.`
    )
  }
  // Calls that are cut off are told so, as far as their clients listen.
  yield* Effect.timeoutOption(core.sockets.cut, goodbye)
  yield* Effect.forEach(listeners, (listener) => listener.abort, { concurrency: "unbounded", discard: true })
  if (core.listeners !== undefined) yield* core.listeners.close
})

/** Stops an instance: once, whoever asks and how often, and under one deadline. */
export const makeStop = (core: InstanceCore): Effect.Effect<void> => {
  const done = Deferred.makeUnsafe<void>()
  return Effect.suspend(() => {
    if (!Deferred.doneUnsafe(core.stopBegun, Effect.void)) return Deferred.await(done)
    const { stopDeadline } = core.around.framework
    // A restart that was under way gives up when the stop begins, and gives the permit back once it has cleaned up.
    const release = core.restarts.withPermits(1)(releaseModules(core.around, core.board))
    const all = Effect.andThen(stopListening(core), release)
    return endedWithin(all, stopDeadline).pipe(
      Effect.tap((outcome) => {
        core.stoppedInTime = outcome === "ended"
        return core.stoppedInTime ? Effect.void : Effect.logWarning(leftBehind(core, stopDeadline))
      }),
      Effect.andThen(Deferred.succeed(done, undefined)),
      Effect.asVoid,
      Effect.uninterruptible
    )
  })
}

const leftBehind = (core: InstanceCore, deadline: number): string => {
  const ids = core.board.all().filter(({ status }) => status !== "stopped" && status !== "planned")
  return `The stop did not end within ${deadline} ms. Not released: ${ids.map(({ id }) => id).join(", ") || "nothing"}.`
}
