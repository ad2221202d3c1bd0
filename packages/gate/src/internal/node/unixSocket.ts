import { chmodSync, unlinkSync } from "node:fs"
import { connect } from "node:net"
import * as Effect from "effect/Effect"

/** Whether somebody answers at a socket file. */
const isAlive = (path: string): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const socket = connect(path)
    socket.once("connect", () => {
      socket.destroy()
      resume(Effect.succeed(true))
    })
    socket.once("error", () => resume(Effect.succeed(false)))
  })

/** Removes a socket file that a process left behind when it was killed. One that answers stays. */
export const removeStale = (path: string): Effect.Effect<void> =>
  Effect.flatMap(isAlive(path), (alive) =>
    Effect.sync(() => {
      if (alive) return
      try {
        unlinkSync(path)
      } catch {
        // It was not there.
      }
    })
  )

/** Only the user that runs the product may connect. */
export const restrict = (path: string): Effect.Effect<void> => Effect.sync(() => chmodSync(path, 0o600))
