import type { ExportOptions } from "@portico/client"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { CurrentIo } from "../../Io.ts"
import { findingParams } from "../finding.ts"
import { makeProgress } from "../progress.ts"
import { connect } from "../remote.ts"
import { given } from "../transfer.ts"

/** `portico export [PATH]` */
export const export_ = Effect.fnUntraced(function* (input: {
  readonly path: Option.Option<string>
  readonly format: Option.Option<"jsonl" | "csv">
  readonly class: Option.Option<string>
  readonly where: ReadonlyArray<string>
  readonly edges: Option.Option<"inside" | "all" | "none">
  readonly delimiter: Option.Option<"," | ";" | "\t">
  readonly escapeFormulas: boolean
}) {
  const { delimiter, edges, format, path: under } = input
  // Boundary: conditions as they were said, which the instance checks.
  const narrowed = (yield* findingParams({ class: input.class, where: input.where, order: [] })) as ExportOptions
  const asked: ExportOptions = {
    ...narrowed,
    ...given({ under, format, edges, delimiter }),
    ...(input.escapeFormulas ? { escapeFormulas: true } : {})
  }
  const remote = yield* connect
  const io = yield* CurrentIo
  const progress = yield* makeProgress("exported")
  const counted = Stream.tap(remote.export(asked), (bytes) => Effect.sync(() => progress.bytes(bytes.length)))
  yield* Stream.runForEach(Stream.decodeText(counted), (text) =>
    Effect.andThen(
      Effect.sync(() => io.out.write(text)),
      Effect.promise(async () => io.out.taken?.())
    )
  ).pipe(Effect.ensuring(Effect.sync(progress.done)))
})
