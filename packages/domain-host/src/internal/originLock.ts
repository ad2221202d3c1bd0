import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"

/** Lets one install or uninstall of an origin run at a time. The others do not wait, they are told. */
export const makeOriginLock = () => {
  const busy = new Set<string>()
  return <A, R>(origin: string, work: Effect.Effect<A, PorticoError, R>): Effect.Effect<A, PorticoError, R> =>
    Effect.suspend(() => {
      if (busy.has(origin)) {
        return Effect.fail(
          PorticoError.make("INSTALL_IN_PROGRESS", `${origin} is being installed or uninstalled.`, { origin })
        )
      }
      busy.add(origin)
      return Effect.ensuring(
        work,
        Effect.sync(() => busy.delete(origin))
      )
    })
}
