import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ExitCode } from "../../ExitCode.ts"
import { decode } from "../answers.ts"
import { CliFailure, Exit } from "../failure.ts"
import { ModuleState, type StateRow, stateColumns, stateRow } from "../moduleStates.ts"
import { printed, say } from "../print.ts"
import { connect } from "../remote.ts"
import { renderTable } from "../table.ts"

const Check = Schema.Struct({
  module: Schema.String,
  name: Schema.String,
  ok: Schema.Boolean,
  reason: Schema.optionalKey(Schema.String)
})
const parts = { modules: Schema.Array(ModuleState), checks: Schema.Array(Check) }

const Ready = Schema.Struct({ status: Schema.String, ...parts })
const Unready = Schema.Struct({ error: Schema.Struct({ message: Schema.String, details: Schema.Struct(parts) }) })

interface State {
  readonly status: string
  readonly modules: ReadonlyArray<ModuleState>
  readonly checks: ReadonlyArray<typeof Check.Type>
}

const checkRow = ({ module, name, reason }: typeof Check.Type): StateRow => ({
  name: `${module}: ${name}`,
  state: "failing",
  since: "",
  reason: reason ?? ""
})

/** Every module, and the checks that fail. */
const rowsOf = (state: State, now: number | undefined): ReadonlyArray<StateRow> => [
  ...state.modules.map((module) => stateRow(module, now)),
  ...state.checks.filter((check) => !check.ok).map(checkRow)
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
  const now = yield* Clock.currentTimeMillis
  const show = (state: State) =>
    printed({ ready, ...state }, (io) =>
      renderTable(io, stateColumns, rowsOf(state, io.out.terminal ? now : undefined))
    )
  if (ready) return yield* show(yield* decodeReady(answer))
  const { error } = yield* decodeUnready(answer)
  yield* show({ status: "unready", modules: error.details.modules, checks: error.details.checks })
  yield* say(error.message)
  return yield* new Exit({ exit: ExitCode.unavailable })
})
