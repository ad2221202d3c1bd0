/**
 * The database of a data folder, as `portico start` would open it.
 */
import { existsSync } from "node:fs"
import { isAbsolute, join, resolve } from "node:path"
import { porticoGateway } from "@portico/distro"
import { Settings } from "@portico/gate"
import { type DatabaseError, migrationsOf } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ExitCode } from "../ExitCode.ts"
import { decode } from "./answers.ts"
import { CliFailure } from "./failure.ts"
import { settingsSourcesWithFlags } from "./settings.ts"
import { type Column, renderFields, renderTable } from "./table.ts"

/** Where the database is, and the steps of the product that it would be opened by. */
export const storeHere = Effect.gen(function* () {
  const product = porticoGateway()
  const { settings } = Settings.resolve(product, yield* settingsSourcesWithFlags(product, Option.none(), []))
  const text = (key: string, otherwise: string): string => {
    const value = settings.find((setting) => setting.key === key)?.value
    return typeof value === "string" ? value : otherwise
  }
  const folder = resolve(text("gate.dataDir", ".portico"))
  const name = text("database.file", "portico.db")
  if (name === ":memory:") {
    return yield* new CliFailure({ exit: ExitCode.failed, code: "NO_DATABASE", message: "this database keeps nothing" })
  }
  return { folder, file: isAbsolute(name) ? name : join(folder, name), known: migrationsOf(product) }
})

/** The same, where it has to be there. */
export const existingStore = Effect.gen(function* () {
  const store = yield* storeHere
  if (existsSync(store.file)) return store
  return yield* new CliFailure({
    exit: ExitCode.notFound,
    code: "NOT_FOUND",
    message: `there is no database at ${store.file}`,
    next: "Name the data folder with --data DIR, or a running instance with --instance URL"
  })
})

const exits: Readonly<Partial<Record<DatabaseError["reason"], ExitCode>>> = { Locked: ExitCode.unavailable }
const advice: Readonly<Partial<Record<DatabaseError["reason"], string>>> = {
  Locked: "Stop the instance first",
  Full: "Make room on the disk",
  Newer: "Use the version of portico that wrote it, or a later one",
  Corrupt: "Restore a backup: portico restore FILE"
}

/** What the store refused, as the command tells it. */
export const toFailure = (error: DatabaseError): CliFailure => {
  const next = advice[error.reason]
  return new CliFailure({
    exit: exits[error.reason] ?? ExitCode.failed,
    code: error.reason === "Other" ? "REFUSED" : error.reason.toUpperCase(),
    message: error.message,
    ...(next === undefined ? {} : { next }),
    cause: error
  })
}

const Violation = Schema.Struct({
  check: Schema.String,
  subject: Schema.String,
  message: Schema.String,
  remedy: Schema.String
})

export const Report = Schema.Struct({
  seq: Schema.Number,
  nodes: Schema.Number,
  edges: Schema.Number,
  changes: Schema.Number,
  violations: Schema.Array(Violation),
  more: Schema.Boolean
})
export type Report = typeof Report.Type

export const decodeReport = decode(Report, "what a check found")

const columns: ReadonlyArray<Column<typeof Violation.Type>> = [
  { title: "CHECK", value: (found) => found.check },
  { title: "OF", value: (found) => found.subject, wraps: true },
  { title: "FOUND", value: (found) => found.message, wraps: true },
  { title: "REMEDY", value: (found) => found.remedy, wraps: true }
]

/** A report for a human: what was looked at, and a row for each violation. */
export const reportText = (io: Parameters<typeof renderFields>[0], report: Report): string =>
  report.violations.length > 0
    ? renderTable(io, columns, report.violations)
    : renderFields(io, [
        ["commit", String(report.seq)],
        ["nodes", String(report.nodes)],
        ["edges", String(report.edges)],
        ["changes", String(report.changes)]
      ])

/** Ends the command where something does not hold. */
export const refuseViolations = (report: Report): Effect.Effect<void, CliFailure> => {
  const count = report.violations.length
  if (count === 0) return Effect.void
  const number = report.more ? `more than ${count}` : String(count)
  return Effect.fail(
    new CliFailure({
      exit: ExitCode.failed,
      code: "DAMAGED",
      message: count === 1 ? "1 thing does not hold" : `${number} things do not hold`,
      next: "See the remedy of each"
    })
  )
}
