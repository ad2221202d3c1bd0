import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Pulse } from "../store/Pulse.ts"

/** What is asked of a call that lasts. */
export interface Standing {
  /** Whether it would still be allowed; fails where it would not. */
  readonly check: Effect.Effect<void, PorticoError>
  readonly pulse: Pulse
}

/** How long after a commit a call that does nothing is asked, so that many of them do not ask at each. */
const pause = "1 second"

/** Asks again when something was committed since it was asked last. */
const asking = ({ check, pulse }: Standing): Effect.Effect<void, PorticoError> => {
  let asked = pulse.count
  return Effect.suspend(() => {
    const { count } = pulse
    if (count === asked) return Effect.void
    asked = count
    return check
  })
}

/** Fails a moment after what the call needs was taken away. */
const refused = ({ check, pulse }: Standing): Effect.Effect<never, PorticoError> =>
  Effect.forever(
    Effect.suspend(() => Effect.andThen(pulse.after(pulse.count), Effect.andThen(Effect.sleep(pause), check)))
  )

/** Pieces of a call, each given only while the call is allowed; where none comes, it ends a second after it is not. */
export const streamWhileAllowed = (
  pieces: Stream.Stream<unknown, unknown>,
  standing: Standing
): Stream.Stream<unknown, unknown> =>
  Stream.suspend(() => {
    const ask = asking(standing)
    return Stream.mapEffect(pieces, (piece) => Effect.as(ask, piece)).pipe(Stream.interruptWhen(refused(standing)))
  })

/** The same of a call that gives a value, but takes its time over what it reads. */
export const runWhileAllowed = <A>(
  call: Effect.Effect<A, PorticoError>,
  standing: Standing
): Effect.Effect<A, PorticoError> => Effect.raceFirst(call, refused(standing))
