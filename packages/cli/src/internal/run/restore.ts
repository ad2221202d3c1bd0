import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { SqliteFile } from "@portico/gate-adapters/sqlite"
import { checkIntegrity } from "@portico/kernel"
import * as Effect from "effect/Effect"
import { ExitCode } from "../../ExitCode.ts"
import { confirm } from "../confirm.ts"
import { CliFailure } from "../failure.ts"
import { printed, say } from "../print.ts"
import { type Report, refuseViolations, storeHere, toFailure } from "../store.ts"
import { renderFields } from "../table.ts"
import { printable } from "../text.ts"

/** `portico restore FILE` */
export const restore = Effect.fnUntraced(function* (input: { readonly file: string; readonly yes: boolean }) {
  const from = resolve(input.file)
  if (!existsSync(from)) {
    return yield* new CliFailure({ exit: ExitCode.notFound, code: "NOT_FOUND", message: `there is no file ${from}` })
  }
  const { file, known } = yield* storeHere
  if (!input.yes) yield* confirm(`Put ${printable(from)} in the place of ${printable(file)}?`)
  let check: Report | null = null
  const restored = yield* SqliteFile.restore({
    from,
    file,
    known,
    // One of an earlier version can be checked once a start has brought it up to date.
    verify: (behind) => (copy) =>
      behind > 0
        ? Effect.void
        : Effect.map(checkIntegrity(copy), (report) => {
            check = report
          })
  }).pipe(Effect.mapError(toFailure))
  const before = restored.before ?? null
  yield* printed({ ...restored, before, check }, (io) =>
    renderFields(io, [
      ["file", restored.file],
      ["bytes", String(restored.bytes)],
      ...(before === null ? [] : [["before", before] as const])
    ])
  )
  yield* say("the backup is in place: start the instance")
  if (check !== null) yield* refuseViolations(check)
})
