/**
 * Files that hold secrets.
 */
import { readFile, rename, writeFile } from "node:fs/promises"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { ExitCode } from "../ExitCode.ts"
import { CliFailure, usage } from "./failure.ts"

const unwritable = (file: string, cause: unknown) =>
  new CliFailure({
    exit: ExitCode.failed,
    code: "UNWRITABLE",
    message: `cannot write ${file}`,
    next: cause instanceof Error ? cause.message : String(cause),
    cause
  })

/** Writes a file that only its owner may read. One that exists is left as it is, and the command fails. */
export const writeNewSecret = (file: string, text: string): Effect.Effect<void, CliFailure> =>
  Effect.tryPromise({
    try: () => writeFile(file, text, { flag: "wx", mode: 0o600 }),
    catch: (cause) =>
      Predicate.hasProperty(cause, "code") && cause.code === "EEXIST"
        ? new CliFailure({
            exit: ExitCode.conflict,
            code: "EXISTS",
            message: `${file} exists, and a key is never overwritten`,
            next: "Name another file with --out FILE",
            cause
          })
        : unwritable(file, cause)
  })

/** Writes a file that only its owner may read, whole or not at all, in the place of one that may be there. */
export const replaceSecret = (file: string, text: string): Effect.Effect<void, CliFailure> =>
  Effect.tryPromise({
    try: async () => {
      const draft = `${file}.${process.pid}`
      await writeFile(draft, text, { flag: "wx", mode: 0o600 })
      await rename(draft, file)
    },
    catch: (cause) => unwritable(file, cause)
  })

/** What is in a file that has to be there. */
export const readText = (file: string, what: string): Effect.Effect<string, CliFailure> =>
  Effect.tryPromise({
    try: () => readFile(file, "utf8"),
    catch: () => usage(`cannot read ${what} ${file}`)
  })
