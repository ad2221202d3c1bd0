import type { DatabaseError, SyncConnection } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { pendingSteps } from "../internal/migrationPlan.ts"
import type { ModuleStep } from "../Migrations.ts"
import { copyTo, type Verify } from "./internal/copy.ts"
import { toDatabaseError } from "./internal/errors.ts"
import { damageIn } from "./internal/integrity.ts"
import { preflight } from "./internal/preflight.ts"
import { restore as putBack, type Restored, type Restoring } from "./internal/restore.ts"
import { openSnapshot } from "./internal/snapshot.ts"

export type { Restored, Restoring } from "./internal/restore.ts"

/** A database file that was opened for reading. */
export interface OpenFile {
  /** Stays at one commit for as long as the scope lives. */
  readonly conn: SyncConnection
  /** Steps of this product that the file lacks: those that the next start would run. */
  readonly behind: ReadonlyArray<ModuleStep>
}

/**
 * Opens a database file for reading, whether or not a product is running on it, and writes nothing to it. Must not be
 * used by the process that has it open: that one has `embedded.snapshot`.
 *
 * Fails with `Newer`, `Corrupt` or `Other` (not our file).
 */
export const open = (
  file: string,
  known: ReadonlyArray<ModuleStep>
): Effect.Effect<OpenFile, DatabaseError, Scope.Scope> =>
  Effect.gen(function* () {
    const found = yield* Effect.try({ try: () => preflight(file), catch: (cause) => toDatabaseError(cause, "opening") })
    const behind = yield* pendingSteps(known, found.applied, file)
    return { conn: yield* openSnapshot(file), behind }
  })

/** What SQLite finds wrong with the file's own structure. Reads all of it. */
export const damage = (conn: SyncConnection): Effect.Effect<ReadonlyArray<string>, DatabaseError> =>
  Effect.try({ try: () => damageIn(conn), catch: (cause) => toDatabaseError(cause, "checking") })

/**
 * Copies a database to a new file, whether or not a product is running on it; see `backUp` of `EmbeddedDatabase`.
 *
 * @example
 * ```ts
 * import { SqliteFile } from "@portico/gate-adapters/sqlite"
 * import * as Effect from "effect/Effect"
 *
 * const copy = SqliteFile.backUp("./.portico/portico.db", "./backup.db", () => Effect.void)
 * ```
 */
export const backUp = <E>(file: string, target: string, verify: Verify<E>) =>
  Effect.andThen(
    Effect.try({ try: () => preflight(file), catch: (cause) => toDatabaseError(cause, "opening") }),
    copyTo(file, target, verify)
  )

/**
 * Puts a backup in the place of a database. Fails with `Locked` while a product runs on it, `Newer` for a backup of a
 * later version, `Corrupt` for one that is damaged; then nothing has changed.
 */
export const restore: <E>(options: Restoring<E>) => Effect.Effect<Restored, DatabaseError | E> = putBack
