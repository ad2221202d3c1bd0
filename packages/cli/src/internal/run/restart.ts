import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ExitCode } from "../../ExitCode.ts"
import { CurrentIo } from "../../Io.ts"
import { decode } from "../answers.ts"
import { confirm } from "../confirm.ts"
import { CliFailure } from "../failure.ts"
import { ModuleState, stateColumns, stateRow } from "../moduleStates.ts"
import { nearest } from "../nearest.ts"
import { askInternal } from "../operator.ts"
import { printed, say } from "../print.ts"
import { connect } from "../remote.ts"
import { renderTable } from "../table.ts"
import { printable, wrap } from "../text.ts"

const States = Schema.Struct({ modules: Schema.Array(ModuleState) })
const BlastRadius = Schema.Struct({ blastRadius: Schema.Array(Schema.String) })

const unknownModule = (id: string, ids: ReadonlyArray<string>): CliFailure => {
  const meant = nearest(id, ids)
  return new CliFailure({
    exit: ExitCode.notFound,
    code: "NOT_FOUND",
    message: `there is no module ${JSON.stringify(id)}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    ...(meant === undefined ? { next: `There are ${ids.join(", ")}` } : {})
  })
}

const blastRadiusText = (id: string, others: ReadonlyArray<string>): string =>
  others.length === 0
    ? `Restarting ${id} takes no other module along.`
    : `Restarting ${id} takes along what depends on it: ${others.join(", ")}.`

/** `portico restart MODULE` */
export const restart = Effect.fnUntraced(function* (input: { readonly module: string; readonly yes: boolean }) {
  const io = yield* CurrentIo
  const remote = yield* connect
  const listed = yield* decode(States, "a list of modules")(yield* askInternal(remote, "GET", "modules"))
  const ids = listed.modules.map(({ id }) => id)
  if (!ids.includes(input.module)) return yield* unknownModule(input.module, ids)
  const path = `modules/${encodeURIComponent(input.module)}`
  const { blastRadius } = yield* decode(BlastRadius, "a module's state")(yield* askInternal(remote, "GET", path))

  const others = blastRadius.filter((id) => id !== input.module)
  const words = wrap(printable(blastRadiusText(input.module, others)), io.err.terminal ? io.err.columns : 10_000)
  yield* say(words.join("\n"))
  if (!input.yes) yield* confirm(`Restart ${printable(input.module)}?`)

  const { modules } = yield* decode(States, "module states")(yield* askInternal(remote, "POST", `${path}/restart`))
  const now = yield* Clock.currentTimeMillis
  yield* printed({ module: input.module, blastRadius, modules }, (io) =>
    renderTable(
      io,
      stateColumns,
      modules.map((state) => stateRow(state, io.out.terminal ? now : undefined))
    )
  )
  const out = modules.filter(({ status }) => status !== "ready").map(({ id }) => id)
  if (out.length === 0) return
  return yield* new CliFailure({
    exit: ExitCode.failed,
    code: "NOT_READY",
    message: `not ready again: ${out.join(", ")}`,
    next: "The instance's log says more"
  })
})
