import { randomBytes } from "node:crypto"
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { backup, DatabaseSync } from "node:sqlite"
import { type BackUp, DatabaseError, type SyncConnection } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import { toDatabaseError } from "./errors.ts"
import { damageIn } from "./integrity.ts"
import { sizeOf } from "./preflight.ts"
import { openSnapshot } from "./snapshot.ts"

/** Whatever looks at a copy before it counts. */
export type Verify<E> = (copy: SyncConnection) => Effect.Effect<void, E>

/**
 * Copies a database to a file that does not exist yet. What is written meanwhile has a name that begins with a dot; it
 * gets its own once it was found whole and is on the disk.
 */
export const copyTo = <E>(file: string, to: string, verify: Verify<E>): Effect.Effect<BackUp, DatabaseError | E> => {
  const target = resolve(to)
  const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`)
  return Effect.gen(function* () {
    if (existsSync(target)) {
      return yield* new DatabaseError({ reason: "Other", message: `${target} exists already: it is not overwritten.` })
    }
    yield* writeDraft(file, draft)
    yield* checkDraft(draft, verify)
    yield* attempt(`making ${target}`, () => {
      renameSync(draft, target)
      sync(dirname(target))
    })
    return { file: target, bytes: sizeOf(target) }
  }).pipe(Effect.onExit((exit) => (exit._tag === "Success" ? Effect.void : Effect.sync(() => removeDraft(draft)))))
}

const attempt = <A>(doing: string, run: () => A): Effect.Effect<A, DatabaseError> =>
  Effect.try({ try: run, catch: (cause) => toDatabaseError(cause, doing) })

/** Copies a database, as of one commit, to a file of its owner alone. */
export const writeDraft = (file: string, draft: string): Effect.Effect<void, DatabaseError> =>
  Effect.tryPromise({
    try: async () => {
      mkdirSync(dirname(draft), { recursive: true, mode: 0o700 })
      closeSync(openSync(draft, "wx", 0o600))
      const source = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
      try {
        // Without a transaction of its own the copy would begin anew with each commit of somebody else.
        source.exec("BEGIN")
        source.prepare("SELECT count(*) FROM sqlite_schema").get()
        await backup(source, draft, { rate: pagesAtOnce })
      } finally {
        source.close()
      }
      chmodSync(draft, 0o600)
      sync(draft)
    },
    catch: (cause) => toDatabaseError(cause, `copying ${file} to ${draft}`)
  })

/** Pages that are copied before others have their turn: about 4 MiB. */
const pagesAtOnce = 1_000

/** Looks whether a copy is whole, first as a file and then by what it holds. */
export const checkDraft = <E>(draft: string, verify: Verify<E>): Effect.Effect<void, DatabaseError | E> =>
  Effect.scoped(
    Effect.gen(function* () {
      const copy = yield* openSnapshot(draft, { unchanging: true })
      const [damage] = yield* attempt(`reading ${draft}`, () => damageIn(copy))
      if (damage !== undefined) {
        return yield* new DatabaseError({ reason: "Corrupt", message: `the copy is damaged: ${damage}` })
      }
      yield* verify(copy)
    })
  )

/** Puts a file or a folder's names on the disk. */
export const sync = (path: string): void => {
  const descriptor = openSync(path, "r")
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Removes what a copy that came to nothing has left, as far as it can: why it failed is what counts. */
export const removeDraft = (draft: string): void => {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) {
    try {
      rmSync(draft + suffix, { force: true })
    } catch {
      // Its name begins with a dot and nobody takes it for a database.
    }
  }
}
