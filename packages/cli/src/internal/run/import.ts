import type { Imported, ImportOptions } from "@portico/client"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { ExitCode } from "../../ExitCode.ts"
import { CurrentIo, type Io } from "../../Io.ts"
import { Exit } from "../failure.ts"
import { fileOf, sizeOf } from "../inputFile.ts"
import { patientFetch } from "../patientFetch.ts"
import { printed, say } from "../print.ts"
import { makeProgress, type Progress } from "../progress.ts"
import { connectBy } from "../remote.ts"
import { renderFields, renderTable } from "../table.ts"
import { given } from "../transfer.ts"

type RowError = Imported["errors"][number]

/** `portico import FILE` */
export const import_ = Effect.fnUntraced(function* (input: {
  readonly file: string
  readonly format: Option.Option<"jsonl" | "csv">
  readonly under: Option.Option<string>
  readonly class: Option.Option<string>
  readonly by: Option.Option<"path" | "id">
  readonly onConflict: Option.Option<"fail" | "merge" | "skip">
  readonly onError: Option.Option<"stop" | "skip">
  readonly whole: boolean
  readonly dryRun: boolean
  readonly delimiter: Option.Option<"," | ";" | "\t">
}) {
  const { by, class: of, delimiter, file, format, onConflict, onError, under } = input
  const size = yield* sizeOf(file)
  const asked: ImportOptions = {
    format: /\.csv$/i.test(file) ? "csv" : "jsonl",
    ...given({ format, under, class: of, by, onConflict, onError, delimiter }),
    ...(input.whole ? { whole: true } : {}),
    ...(input.dryRun ? { dryRun: true } : {})
  }
  const remote = yield* connectBy(patientFetch)
  const io = yield* CurrentIo
  const progress = yield* makeProgress("sent", size)
  const source = yield* fileOf(file)
  const imported = yield* remote
    .import(counted(source, progress), asked)
    .pipe(Effect.ensuring(Effect.sync(progress.done)))
  yield* printed(imported, (io) => renderFields(io, fieldsOf(imported)))
  if (imported.failed === 0) return
  yield* say(refusedText(io, imported))
  yield* new Exit({ exit: ExitCode.failed })
})

async function* counted(source: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) {
    progress.bytes(bytes.length)
    yield bytes
  }
}

const countsText = ({ created, skipped, updated }: Imported["nodes"]): string =>
  `${created} created, ${updated} updated, ${skipped} skipped`

const fieldsOf = ({
  dryRun,
  edges,
  failed,
  nodes,
  rows,
  tried
}: Imported): ReadonlyArray<readonly [string, string]> => [
  ["rows", tried === undefined ? String(rows) : `${rows}, of which ${tried} were tried`],
  ["nodes", countsText(nodes)],
  ["edges", countsText(edges)],
  ["refused", String(failed)],
  ...(dryRun ? [["changed", "nothing, as it was only tried"] as const] : [])
]

const refusedText = (io: Io, { errors, failed }: Imported): string => {
  const rows = renderTable({ ...io, out: io.err }, columns, errors)
  return failed > errors.length ? `${rows}… and ${failed - errors.length} more` : rows.trimEnd()
}

const columns = [
  { title: "LINE", value: ({ line }: RowError) => String(line) },
  { title: "COLUMN", value: ({ column }: RowError) => column ?? "" },
  { title: "CODE", value: ({ code }: RowError) => code },
  { title: "WHY", value: ({ message }: RowError) => message, wraps: true }
]
