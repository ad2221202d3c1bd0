/**
 * One process at a time.
 */
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import { ExitCode } from "../../ExitCode.ts"
import { CliFailure } from "../failure.ts"
import { signInsFile } from "./signIns.ts"

const pause = 50
const patience = 30_000

/** SQLite's lock is the operating system's: it is let go however a process ends. */
const lock = (file: string): DatabaseSync => {
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    db.exec("BEGIN EXCLUSIVE")
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

const sqliteBusy = 5
const isBusy = ({ cause }: CliFailure): boolean =>
  Predicate.hasProperty(cause, "errcode") && cause.errcode === sqliteBusy

const notLocked = (file: string) => (cause: unknown) => {
  const failure = new CliFailure({
    exit: ExitCode.failed,
    code: "UNWRITABLE",
    message: `cannot write ${file}`,
    next: cause instanceof Error ? cause.message : String(cause),
    cause
  })
  if (!isBusy(failure)) return failure
  const message = `another command holds ${file}`
  return new CliFailure({ exit: ExitCode.unavailable, code: "LOCKED", message, next: "Try again in a moment", cause })
}

/**
 * Does something with what is kept while no other command does. A refresh token is good once: two that use the same one
 * would be taken for a thief and its victim, and the sign-in would end.
 */
export const alone = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const file = `${yield* signInsFile}.lock`
    const locked = Effect.tryPromise({
      try: async () => {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 })
        return lock(file)
      },
      catch: notLocked(file)
    }).pipe(Effect.retry({ while: isBusy, times: patience / pause, schedule: Schedule.spaced(pause) }))
    return yield* Effect.acquireUseRelease(
      locked,
      () => work,
      (db) => Effect.sync(() => db.close())
    )
  })
