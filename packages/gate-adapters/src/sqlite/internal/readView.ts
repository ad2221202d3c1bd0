import type { DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** The commit that a connection for reading is at. */
export interface ReadView {
  /** To be called before each statement. */
  readonly use: () => void
  /** The next statement sees the last commit, unless the view is held. To be called before and after whatever commits. */
  readonly renew: () => void
  /** Stays at the last commit, whatever is committed from then on. */
  readonly hold: () => void
  /** Ends a `hold`. */
  readonly letGo: () => void
}

/**
 * Statements that are run in one turn of the event loop share one transaction. To open a transaction and to end it takes
 * SQLite locks on the file, which cost more than most look-ups do, and by itself it does so for each statement. No view is
 * older than the turn, or than the last commit of this process: so nobody sees less than they would without it, and the
 * log can be copied back as if nobody read.
 */
export const makeReadView = (reader: DatabaseSync): Effect.Effect<ReadView, never, Scope.Scope> =>
  Effect.gen(function* () {
    const begin = reader.prepare("BEGIN")
    const commit = reader.prepare("COMMIT")
    // A transaction sees the commit that was the last one when it first reads.
    const look = reader.prepare("SELECT 1 FROM sqlite_schema LIMIT 1")
    let isOpen = false
    let isHeld = false
    let turn: NodeJS.Immediate | undefined

    const end = () => {
      isOpen = false
      // SQLite itself ends it where a statement could not read the file.
      if (reader.isTransaction) commit.get()
    }
    const renew = () => {
      if (isOpen && !isHeld) end()
    }
    const turnIsOver = () => {
      turn = undefined
      renew()
    }

    const letGo = () => {
      isHeld = false
      renew()
    }

    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        clearImmediate(turn)
        letGo()
      })
    )
    return {
      use() {
        if (isOpen) return
        begin.get()
        isOpen = true
        turn ??= setImmediate(turnIsOver)
      },
      renew,
      hold() {
        renew()
        begin.get()
        look.get()
        isOpen = true
        isHeld = true
      },
      letGo
    }
  })
