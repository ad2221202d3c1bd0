import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import type { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { toDatabaseError } from "./errors.ts"

const attempt = <A>(doing: string, run: () => A): Effect.Effect<A, DatabaseError> =>
  Effect.try({ try: run, catch: (cause) => toDatabaseError(cause, doing) })

/** What stands for a database that lives as long as its scope. */
export const memory = ":memory:"

const temporaryFolder = Effect.acquireRelease(
  attempt("making a temporary folder", () => mkdtempSync(join(realpathSync(tmpdir()), "portico-memory-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/**
 * The real path of the database file, its folder made where it is missing: mode 0700, and ignored by git.
 *
 * `:memory:` becomes a file in a folder of its own that is removed with the scope: SQLite's own in-memory databases
 * have either one connection, which would show rows of an open transaction to readers, or a shared cache, whose readers
 * fail while a writer is at work. A file in the temporary folder with syncing off behaves exactly like a real one.
 */
export const locate = (filename: string): Effect.Effect<string, DatabaseError, Scope.Scope> =>
  filename === memory
    ? Effect.map(temporaryFolder, (folder) => join(folder, "memory.db"))
    : attempt(`making the folder of ${filename}`, () => realFile(resolve(filename)))

// Data does not belong into a repository; what a domain project wants to commit of its data folder is its manifest.
const ignored = "*\n!manifest.json\n"

// Two names of one file must meet in one lock. The file itself is not touched: it is not ours before it is locked.
const realFile = (file: string): string => {
  if (existsSync(file)) return realpathSync(file)
  const folder = dirname(file)
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, ".gitignore"), ignored)
  }
  return join(realpathSync(dirname(file)), basename(file))
}
