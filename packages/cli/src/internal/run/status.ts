import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ExitCode } from "../../ExitCode.ts"
import { decode } from "../answers.ts"
import { CliFailure, Exit } from "../failure.ts"
import { printed, say } from "../print.ts"
import { connect } from "../remote.ts"
import { type Column, renderTable } from "../table.ts"

const Module = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  since: Schema.Number,
  reason: Schema.NullOr(Schema.String),
  waitingOn: Schema.Array(Schema.String)
})
const Check = Schema.Struct({
  module: Schema.String,
  name: Schema.String,
  ok: Schema.Boolean,
  reason: Schema.optionalKey(Schema.String)
})
const parts = { modules: Schema.Array(Module), checks: Schema.Array(Check) }

const Ready = Schema.Struct({ status: Schema.String, ...parts })
const Unready = Schema.Struct({ error: Schema.Struct({ message: Schema.String, details: Schema.Struct(parts) }) })

interface State {
  readonly status: string
  readonly modules: ReadonlyArray<typeof Module.Type>
  readonly checks: ReadonlyArray<typeof Check.Type>
}

interface Row {
  readonly name: string
  readonly state: string
  readonly since: string
  readonly reason: string
}

const moduleRow = ({ id, reason, since, status, waitingOn }: typeof Module.Type): Row => ({
  name: id,
  state: status,
  since: new Date(since).toISOString(),
  reason: reason ?? (waitingOn.length === 0 ? "" : `waiting for ${waitingOn.join(", ")}`)
})

const checkRow = ({ module, name, reason }: typeof Check.Type): Row => ({
  name: `${module}: ${name}`,
  state: "failing",
  since: "",
  reason: reason ?? ""
})

/** Every module, and the checks that fail. */
const rowsOf = (state: State): ReadonlyArray<Row> => [
  ...state.modules.map(moduleRow),
  ...state.checks.filter((check) => !check.ok).map(checkRow)
]

const columns: ReadonlyArray<Column<Row>> = [
  { title: "MODULE", value: (row) => row.name },
  { title: "STATE", value: (row) => row.state },
  { title: "SINCE", value: (row) => row.since },
  { title: "REASON", value: (row) => row.reason }
]

const decodeReady = decode(Ready, "that of /readyz")

// Something in between may say 503 in its own words: then the instance is not there.
const decodeUnready = (answer: unknown) =>
  decode(
    Unready,
    "that of /readyz"
  )(answer).pipe(
    Effect.mapError(
      ({ cause }) =>
        new CliFailure({
          exit: ExitCode.unavailable,
          code: "UNAVAILABLE",
          message: "the instance is not there, and what stands in for it does not say why",
          next: "Start an instance: portico start",
          cause
        })
    )
  )

/** `portico status` */
export const status = Effect.gen(function* () {
  const remote = yield* connect
  const { answer, ready } = yield* remote.readyz()
  const show = (state: State) => printed({ ready, ...state }, (io) => renderTable(io, columns, rowsOf(state)))
  if (ready) return yield* show(yield* decodeReady(answer))
  const { error } = yield* decodeUnready(answer)
  yield* show({ status: "unready", modules: error.details.modules, checks: error.details.checks })
  yield* say(error.message)
  return yield* new Exit({ exit: ExitCode.unavailable })
})
