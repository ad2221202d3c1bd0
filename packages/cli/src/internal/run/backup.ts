import { basename, dirname, join, resolve } from "node:path"
import { SqliteFile } from "@portico/gate-adapters/sqlite"
import { checkIntegrity } from "@portico/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { decode } from "../answers.ts"
import { usage } from "../failure.ts"
import { Instance } from "../flags.ts"
import { askInternal } from "../operator.ts"
import { printed, say } from "../print.ts"
import { connect } from "../remote.ts"
import { existingStore, Report, refuseViolations, toFailure } from "../store.ts"
import { renderFields } from "../table.ts"

const Made = Schema.Struct({ file: Schema.String, bytes: Schema.Number, check: Schema.NullOr(Report) })
type Made = typeof Made.Type

/** `portico backup [FILE]` */
export const backup = Effect.fnUntraced(function* (input: { readonly file: Option.Option<string> }) {
  const isRemote = Option.isSome(yield* Instance)
  if (isRemote && Option.isSome(input.file)) {
    return yield* usage("an instance makes its backup in its own data folder", "Leave out FILE, or --instance")
  }
  const made = isRemote ? yield* byInstance : yield* ofFolder(input.file)
  yield* printed(made, (io) =>
    renderFields(io, [
      ["file", made.file],
      ["bytes", String(made.bytes)]
    ])
  )
  if (made.check === null)
    return yield* say("the copy is whole; it is of an earlier version, so only its file was checked")
  yield* refuseViolations(made.check)
  yield* say("everything holds in the copy")
})

const byInstance = Effect.gen(function* () {
  const remote = yield* connect
  return yield* decode(Made, "a backup")(yield* askInternal(remote, "POST", "kernel/backup"))
})

const ofFolder = Effect.fnUntraced(function* (to: Option.Option<string>) {
  const { file, known } = yield* existingStore
  const now = new Date(yield* Clock.currentTimeMillis).toISOString().replaceAll(/[:.]/g, "-")
  const target = Option.match(to, {
    onNone: () => join(dirname(file), "backups", `${basename(file, ".db")}-${now}.db`),
    onSome: (path) => resolve(path)
  })
  const { behind } = yield* Effect.scoped(SqliteFile.open(file, known)).pipe(Effect.mapError(toFailure))
  let check: Made["check"] = null
  const made = yield* SqliteFile.backUp(file, target, (copy) =>
    behind.length > 0
      ? Effect.void
      : Effect.map(checkIntegrity(copy), (report) => {
          check = report
        })
  ).pipe(Effect.mapError(toFailure))
  const result: Made = { ...made, check }
  return result
})
