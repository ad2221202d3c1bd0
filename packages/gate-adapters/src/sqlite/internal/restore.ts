import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { DatabaseError } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { pendingSteps } from "../../internal/migrationPlan.ts"
import type { ModuleStep } from "../../Migrations.ts"
import { checkDraft, copyTo, removeDraft, sync, type Verify, writeDraft } from "./copy.ts"
import { toDatabaseError } from "./errors.ts"
import { lockFile } from "./fileLock.ts"
import { locate } from "./location.ts"
import { preflight, sizeOf } from "./preflight.ts"

/** What is put where. */
export interface Restoring<E> {
  /** The backup. */
  readonly from: string
  /** The database that it replaces, or makes. */
  readonly file: string
  /** Every step that this product knows: a backup with others was made by a later version. */
  readonly known: ReadonlyArray<ModuleStep>
  /** Given the copy; `behind` is how many steps it lacks, which the next start runs. */
  readonly verify: (behind: number) => Verify<E>
}

/** What became of it. */
export interface Restored {
  readonly file: string
  readonly bytes: number
  /** Where the database is now that was there before; undefined where there was none. */
  readonly before: string | undefined
}

/**
 * Puts a backup in the place of a database that nobody has open, which is kept in `backups/`. The change itself is one
 * rename: whatever happens on the way, there is either the old database or the new one. One that is too damaged to be
 * copied is moved away before.
 */
export const restore = <E>({ file, from, known, verify }: Restoring<E>): Effect.Effect<Restored, DatabaseError | E> =>
  Effect.scoped(
    Effect.gen(function* () {
      const target = yield* locate(file)
      yield* lockFile(target)
      if (!existsSync(from)) return yield* new DatabaseError({ reason: "Other", message: `${from} does not exist.` })
      const found = yield* attempt("opening", () => preflight(from))
      if (found.empty) return yield* new DatabaseError({ reason: "Other", message: `${from} holds nothing.` })
      const pending = yield* pendingSteps(known, found.applied, from)
      const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`)
      return yield* Effect.gen(function* () {
        yield* writeDraft(from, draft)
        yield* checkDraft(draft, verify(pending.length))
        const before = yield* putAside(target)
        yield* attempt(`replacing ${target}`, () => {
          renameSync(draft, target)
          sync(dirname(target))
        })
        return { file: target, bytes: sizeOf(target), before }
      }).pipe(Effect.ensuring(Effect.sync(() => removeDraft(draft))))
    })
  )

const attempt = <A>(doing: string, run: () => A): Effect.Effect<A, DatabaseError> =>
  Effect.try({ try: run, catch: (cause) => toDatabaseError(cause, doing) })

/** Keeps what is there, and leaves no log beside it that would be taken for the new file's. */
const putAside = (file: string): Effect.Effect<string | undefined, DatabaseError> =>
  Effect.gen(function* () {
    if (sizeOf(file) === 0) return undefined
    const now = new Date(yield* Clock.currentTimeMillis).toISOString().replaceAll(/[:.]/g, "-")
    const aside = join(dirname(file), "backups", `${basename(file, ".db")}-${now}-before-restore.db`)
    const copied = yield* Effect.result(
      Effect.andThen(
        foldLog(file),
        copyTo(file, aside, () => Effect.void)
      )
    )
    if (copied._tag === "Success") return aside
    if (copied.failure.reason !== "Corrupt") return yield* copied.failure
    // One that cannot be read is why somebody restores a backup: its files are kept as they are.
    yield* attempt(`moving ${file} to ${aside}`, () => {
      mkdirSync(dirname(aside), { recursive: true, mode: 0o700 })
      for (const suffix of ["-shm", "-wal", ""]) {
        if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix)
      }
      sync(dirname(aside))
    })
    return aside
  })

/** Copies the write-ahead log back into the file and removes it. */
const foldLog = (file: string): Effect.Effect<void, DatabaseError> =>
  attempt(`closing ${file}`, () => {
    const db = new DatabaseSync(file, { timeout: 0 })
    try {
      const busy = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy
      if (busy === 1) {
        throw new DatabaseError({ reason: "Locked", message: `${file} is in use by another program: end it first.` })
      }
    } finally {
      db.close()
    }
    for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true })
  })
