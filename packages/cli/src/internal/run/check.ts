import { Database } from "@portico/gate/database"
import { SqliteDatabase, SqliteFile } from "@portico/gate-adapters/sqlite"
import { checkIntegrity, rebuildIndexes } from "@portico/kernel"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ExitCode } from "../../ExitCode.ts"
import { CliFailure, usage } from "../failure.ts"
import { Instance } from "../flags.ts"
import { askInternal } from "../operator.ts"
import { printed, say } from "../print.ts"
import { connect } from "../remote.ts"
import { decodeReport, existingStore, type Report, refuseViolations, reportText, toFailure } from "../store.ts"

/** `portico kernel check` */
export const check = Effect.fnUntraced(function* (input: { readonly rebuild: boolean }) {
  const isRemote = Option.isSome(yield* Instance)
  if (isRemote && input.rebuild)
    return yield* usage("--rebuild needs the instance to be stopped", "Leave out --instance")
  const report = isRemote ? yield* ofInstance : yield* ofFolder(input.rebuild)
  yield* printed(report, (io) => reportText(io, report))
  yield* refuseViolations(report)
  yield* say("everything holds")
})

const ofInstance = Effect.gen(function* () {
  const remote = yield* connect
  return yield* decodeReport(yield* askInternal(remote, "GET", "kernel/check"))
})

const ofFolder = Effect.fnUntraced(function* (rebuild: boolean) {
  if (rebuild) yield* Effect.scoped(rebuildFolder)
  return yield* readFolder
})

const rebuildFolder = Effect.gen(function* () {
  const { file, known } = yield* existingStore
  const database = yield* SqliteDatabase.make({ filename: file, migrations: known }).pipe(Effect.mapError(toFailure))
  yield* Effect.provideService(rebuildIndexes, Database, database)
  yield* say("indexes and marks are written anew")
})

const readFolder = Effect.gen(function* () {
  const { file, known } = yield* existingStore
  const { behind, conn } = yield* SqliteFile.open(file, known).pipe(Effect.mapError(toFailure))
  const [step] = behind
  if (step !== undefined) {
    return yield* new CliFailure({
      exit: ExitCode.failed,
      code: "OLDER",
      message: `${file} was written by an earlier version: it lacks ${step.module}/${step.step.id}`,
      next: "Start the instance once, which brings it up to date"
    })
  }
  const damages = yield* Effect.mapError(SqliteFile.damage(conn), toFailure)
  if (damages.length > 0) {
    return yield* new CliFailure({
      exit: ExitCode.failed,
      code: "CORRUPT",
      message: `${file} is damaged: ${damages.slice(0, 3).join("; ")}`,
      next: "Restore a backup: portico restore FILE"
    })
  }
  const report: Report = yield* checkIntegrity(conn)
  return report
}).pipe(Effect.scoped)
