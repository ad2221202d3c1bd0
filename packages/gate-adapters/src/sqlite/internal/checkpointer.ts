import type { DatabaseSync } from "node:sqlite"
import { Worker } from "node:worker_threads"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Commits between two looks at the log. */
const lookEvery = 8

/** Pages of the log at which something is done. */
export const logPages = {
  /** They are copied back. */
  enough: 1_000,
  /** Commits wait for that. */
  tooMany: 8_192
} as const

// A text, so that it is found wherever this module is bundled into. What fails is tried again with the next pages.
const program = `
const { parentPort, workerData } = require("node:worker_threads")
const { DatabaseSync } = require("node:sqlite")
const db = new DatabaseSync(workerData, { timeout: 0 })
const checkpoint = db.prepare("PRAGMA wal_checkpoint(PASSIVE)")
parentPort.on("message", (goOn) => {
  try {
    if (goOn) checkpoint.get()
  } catch {}
  parentPort.postMessage(null)
  if (!goOn) { db.close(); parentPort.close() }
})
`

/**
 * Copies the log back into the file on a thread of its own, which would otherwise be done by one commit in some, for many
 * milliseconds. The thread is started when it is first needed. Gives what is to be run before each commit: it waits where
 * the thread is far behind, so that the log begins anew now and then however much is written.
 */
export const makeCheckpointer = (
  file: string,
  db: DatabaseSync,
  pages: { readonly enough: number; readonly tooMany: number } = logPages
): Effect.Effect<Effect.Effect<void>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const state = db.prepare("PRAGMA wal_checkpoint(NOOP)")
    let commits = 0
    let worker: Worker | undefined
    let hasFailed = false
    let isBusy = false
    let rested = () => {}

    const rest = () => {
      isBusy = false
      rested()
    }
    const start = (): Worker => {
      const started = new Worker(program, { eval: true, workerData: file })
      started.on("message", rest)
      // Without it, commits do it themselves.
      started.on("error", () => {
        hasFailed = true
        db.exec(`PRAGMA wal_autocheckpoint = ${pages.enough}`)
      })
      started.on("exit", () => {
        worker = undefined
        rest()
      })
      started.unref()
      return started
    }
    const atRest = Effect.callback<void>((resume) => {
      rested = () => resume(Effect.void)
    })

    yield* Effect.addFinalizer(() =>
      Effect.callback<void>((resume) => {
        if (worker === undefined) return resume(Effect.void)
        worker.on("exit", () => resume(Effect.void))
        worker.ref()
        worker.postMessage(false)
      })
    )

    return Effect.suspend(() => {
      if (commits++ % lookEvery !== 0 || hasFailed) return Effect.void
      const { checkpointed, log } = state.get() ?? {}
      const behind = Number(log) - Number(checkpointed)
      const isLong = Number(log) >= pages.tooMany
      if (!isBusy && behind >= (isLong ? 1 : pages.enough)) {
        isBusy = true
        worker ??= start()
        worker.postMessage(true)
      }
      return isBusy && isLong ? atRest : Effect.void
    })
  })
