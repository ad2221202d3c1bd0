import { type FileHandle, open } from "node:fs/promises"
import { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ReadView } from "./readView.ts"

/** Takes commits to the disk. */
export interface DurableLog {
  /** An error once the disk has failed to take a commit: then nothing more may be written. */
  readonly broken: () => DatabaseError | undefined
  /** To be called before each commit. From then on readers stay at the commit before. */
  readonly committing: () => void
  /** To be run after it. Completes when it is on the disk; only then do readers see it. */
  readonly committed: Effect.Effect<void, DatabaseError>
  /** To be called where there was no commit after all. */
  readonly undone: () => void
}

/** For a writer whose commits wait for the disk themselves, or need not. */
export const asCommitted = (view: ReadView): DurableLog => ({
  broken: () => undefined,
  committing: view.renew,
  committed: Effect.void,
  undone: () => {}
})

/** Syncs what was written to the log of a file. */
export const syncLog = (file: string): Effect.Effect<Effect.Effect<void, unknown>, never, Scope.Scope> =>
  Effect.gen(function* () {
    let log: FileHandle | undefined
    // The log has no locks that closing this handle could let go of.
    yield* Effect.addFinalizer(() => Effect.promise(async () => log?.close()))
    return Effect.tryPromise(async () => {
      // SQLite makes it with the first commit, and keeps it as long as it has the file open.
      log ??= await open(`${file}-wal`, "r+")
      await log.datasync()
    })
  })

/**
 * What `synchronous = FULL` does, without keeping the thread. The writer commits with `NORMAL`, which writes to the log and
 * leaves the syncing to us; we ask for it and go on. Until the log is on the disk, readers are kept at the commit before,
 * so nobody is told of anything that a power cut could take back.
 */
export const makeDurableLog = (view: ReadView, sync: Effect.Effect<void, unknown>): DurableLog => {
  let broken: DatabaseError | undefined
  const letGo = () => {
    if (broken === undefined) view.letGo()
  }
  return {
    broken: () => broken,
    committing: view.hold,
    committed: sync.pipe(
      Effect.mapError((cause) => {
        const message =
          "The disk failed to take a commit. Whether it was made is known after a restart; until then nothing is written."
        broken = new DatabaseError({ reason: "ReadOnly", message, cause })
        return new DatabaseError({ reason: "Unknown", message, cause })
      }),
      Effect.andThen(Effect.sync(letGo))
    ),
    undone: letGo
  }
}
