import { readFile } from "node:fs/promises"
import { porticoGateway } from "@portico/distro"
import { Gateway, Plan, type PlanChange, type RenderOptions } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { ExitCode } from "../../ExitCode.ts"
import { CurrentIo, type Io } from "../../Io.ts"
import { CliFailure, Exit, usage } from "../failure.ts"
import { Json } from "../flags.ts"
import { jsonText, say } from "../print.ts"
import { settingsSources } from "../settings.ts"
import { canColour } from "../text.ts"

interface Input {
  readonly mermaid: boolean
  readonly check: Option.Option<string>
  readonly diff: Option.Option<string>
  readonly config: Option.Option<string>
}

const layoutOf = (io: Io): RenderOptions => ({
  color: canColour(io, io.out),
  width: io.out.terminal ? io.out.columns : 120,
  cwd: process.cwd()
})

const readSaved = Effect.fnUntraced(function* (file: string) {
  const text = yield* Effect.tryPromise({
    try: () => readFile(file, "utf8"),
    catch: () => usage(`cannot read ${file}`)
  })
  return yield* Result.match(Plan.parse(text), {
    onFailure: (why) =>
      Effect.fail(usage(`${file} does not hold a plan: ${why}`, "Save one with: portico plan --json > FILE")),
    onSuccess: Effect.succeed
  })
})

/** The distro's plan with the settings of this folder. A refusal is told in full, and ends the command. */
export const planned = Effect.fnUntraced(function* (config: Option.Option<string>) {
  const io = yield* CurrentIo
  const settings = yield* settingsSources(config)
  const result = Gateway.plan(porticoGateway(), { settings })
  if (Result.isSuccess(result)) return result.success
  // Every finding at once, with places and fixes: that is more than a line.
  io.err.write(`${result.failure.render({ ...layoutOf(io), color: canColour(io, io.err) })}\n`)
  return yield* new Exit({ exit: ExitCode.failed })
})

const diffText = (io: Io, changes: ReadonlyArray<PlanChange>): string =>
  changes.length === 0 ? "" : `${Plan.diffText(changes, layoutOf(io))}\n`

/** What a plan's hash leaves out is no difference between two hashes. */
const hashed = (changes: ReadonlyArray<PlanChange>): ReadonlyArray<PlanChange> =>
  changes.flatMap((change) => {
    if (change.what !== "setting" || change.kind !== "changed") return [change]
    const fields = change.fields.filter(({ field }) => !unhashed.has(field))
    return fields.length === 0 ? [] : [{ ...change, fields }]
  })

const unhashed = new Set(["value", "source", "description"])

const isDifferent = (file: string) =>
  new CliFailure({
    exit: ExitCode.failed,
    code: "PLAN_CHANGED",
    message: `the plan is not the one in ${file}`,
    next: `If the changes are meant: portico plan --json > ${file}`
  })

/** `portico plan [--json | --mermaid | --check FILE | --diff FILE]` */
export const plan = Effect.fnUntraced(function* (input: Input) {
  const io = yield* CurrentIo
  const json = yield* Json
  const asked = [input.mermaid, Option.isSome(input.check), Option.isSome(input.diff)].filter((one) => one)
  if (asked.length > 1)
    return yield* usage("--mermaid, --check and --diff are different questions", "Ask one at a time")
  const document = yield* planned(input.config)

  if (Option.isSome(input.check)) {
    const saved = yield* readSaved(input.check.value)
    // The hash that a file gives is only its word: what it says is compared as well.
    const changes = hashed(Plan.diff(saved, document))
    if (saved.hash === document.hash && changes.length === 0) {
      return yield* say(`the plan is the one in ${input.check.value}`)
    }
    io.out.write(json ? jsonText(changes) : diffText(io, changes))
    return yield* isDifferent(input.check.value)
  }
  if (Option.isSome(input.diff)) {
    const changes = Plan.diff(yield* readSaved(input.diff.value), document)
    io.out.write(json ? jsonText(changes) : diffText(io, changes))
    return changes.length === 0 ? yield* say("the plans are the same") : undefined
  }
  if (input.mermaid) return io.out.write(`${Plan.mermaid(document)}\n`)
  io.out.write(`${json ? Plan.json(document) : Plan.text(document, layoutOf(io))}\n`)
})
