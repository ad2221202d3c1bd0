import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { pauseFor } from "./connecting.ts"
import type { Session } from "./session.ts"

/** What commits are told on. Names are the database's own, so several databases of a server do not mix. */
const channel = "portico_commits"

/** Sent after a commit and not waited for: nothing depends on it. */
export const tellOfCommit = (session: Session): void => {
  session.query(`NOTIFY ${channel}`).catch(() => {})
}

/** Milliseconds between two tries to listen again. */
const pause = 1_000

/** Listens for commits on a session of its own, which is opened again whenever it is lost. */
export const listenToCommits =
  (open: () => Promise<Session>) =>
  (told: () => void): Effect.Effect<void, never, Scope.Scope> => {
    let closed = false
    let opening: Promise<Session> | undefined

    const listen = async (): Promise<void> => {
      opening = open()
      const session = await opening
      try {
        const lost = session.listen(told)
        await session.query(`LISTEN ${channel}`)
        // Of what was committed meanwhile nobody tells.
        told()
        await lost
      } finally {
        await session.close()
      }
    }
    const listenAgain = async (): Promise<void> => {
      while (!closed) {
        // The server cannot be reached, or the session was lost.
        await listen().catch(() => {})
        if (!closed) await pauseFor(pause)
      }
    }

    return Effect.acquireRelease(
      Effect.sync(() => void listenAgain()),
      () =>
        Effect.promise(async () => {
          closed = true
          const session = await opening?.catch(() => undefined)
          await session?.close()
        })
    )
  }
