import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import { PlanRefused } from "../../Diagnostic.ts"
import { HttpTransport } from "../../HttpTransport.ts"
import { plan as planProduct } from "../../Plan.ts"
import type { Product } from "../../Product.ts"
import { readiness } from "../builtin/readiness.ts"
import { declaredSettings } from "../planner/settings.ts"
import { makeSubject } from "../planner/subject.ts"
import type { InstanceCore } from "../runtime/InstanceCore.ts"
import { startPlan } from "../runtime/startInstance.ts"
import { type Args, parseArgs } from "./args.ts"
import { helpText } from "./help.ts"
import { type LogSink, loggingContext, makeAccessLog } from "./logging.ts"
import { nodeTransport } from "./nodeTransport.ts"
import { readyLines } from "./readyLines.ts"
import { readSettingsFile } from "./settingsFile.ts"

/** The process around a product: what it was called with, and how it speaks. */
export interface ProcessInput {
  readonly argv: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** For the person who started it. */
  readonly out: (text: string) => void
  readonly log: LogSink
  /** Completes when the process is asked to stop. */
  readonly stopAsked: Effect.Effect<void>
  /** Completes when a signal from then on is a second one, which ends the process at once. */
  readonly secondSignalCounts: Effect.Effect<void>
  /** Milliseconds since the process began. */
  readonly uptime: () => number
}

/** 0: it ran and was stopped, everything released. 1: it could not start or stop. 2: it was called wrongly. */
export type ExitCode = 0 | 1 | 2

/** Runs a product until it is asked to stop. */
export const runProduct = Effect.fnUntraced(function* (product: Product, input: ProcessInput) {
  const { identity } = product
  const settings = declaredSettings(makeSubject(product, {}))
  const complain = (text: string) => Effect.sync(() => void input.log.stream.write(`${text}\n`))
  const args = parseArgs(input.argv, settings)
  if (Result.isFailure(args)) {
    yield* complain(`${args.failure}\nRun with --help for what there is.`)
    return 2 as ExitCode
  }
  if (args.success.wants === "help") {
    input.out(helpText(identity, settings))
    return 0 as ExitCode
  }
  if (args.success.wants === "version") {
    input.out(`${identity.version ?? "unknown"}\n`)
    return 0 as ExitCode
  }
  return yield* serve(product, args.success, input).pipe(
    Effect.catch((error) => Effect.as(complain(reportOf(error, input)), 1 as ExitCode))
  )
})

/** Places are shown as whoever started it would open them, and in colour where that is seen. */
const reportOf = (error: Error, { cwd, env, log: { stream } }: ProcessInput): string =>
  error instanceof PlanRefused
    ? error.render({ cwd, width: stream.columns, color: stream.isTTY === true && (env.NO_COLOR ?? "") === "" })
    : error.message

/**
 * Waits for a moment until every health check holds, so that "ready" is said when it is true; gives the reason of one
 * that does not come to hold.
 */
const reasonUnready = (core: InstanceCore): Effect.Effect<string | undefined> =>
  readiness(core).pipe(
    Effect.as(undefined),
    Effect.retry({ schedule: Schedule.spaced("20 millis"), times: 250 }),
    Effect.catch(({ message }) => Effect.succeed(message))
  )

/** Plans, starts, says that it is ready, waits, and stops. */
const serve = Effect.fnUntraced(function* (product: Product, args: Args, input: ProcessInput) {
  const file = yield* readSettingsFile(input.cwd, args.config)
  const sources = { flags: args.flags, env: input.env, ...(file === undefined ? {} : { file }) }
  const plan = yield* Effect.fromResult(planProduct(product, { settings: sources }))
  const { framework } = plan.runtime
  const accessLog = makeAccessLog(framework, input.log)
  const run = Effect.gen(function* () {
    for (const warning of plan.warnings) yield* Effect.logWarning(`${warning.code}: ${warning.message}`)
    const started = yield* Effect.raceFirst(
      startPlan(plan, { accessLog: accessLog.log }),
      Effect.as(input.stopAsked, undefined)
    )
    // Asked to stop while it started: what had been started is released by now.
    if (started === undefined) return 0 as ExitCode
    const { core, instance } = started
    const unready = yield* Effect.raceFirst(reasonUnready(core), Effect.as(input.stopAsked, undefined))
    const lines = yield* readyLines(instance, input.uptime(), unready)
    input.out(`${lines.join("\n")}\n`)
    yield* input.stopAsked
    yield* Effect.logInfo("stopping")
    const hint = Effect.andThen(
      input.secondSignalCounts,
      Effect.logInfo("still stopping; another signal ends it at once")
    )
    yield* Effect.raceFirst(instance.stop, Effect.andThen(hint, Effect.never))
    return (core.stoppedInTime === true ? 0 : 1) as ExitCode
  })
  return yield* run.pipe(
    Effect.scoped,
    Effect.provideService(HttpTransport, nodeTransport),
    Effect.provide(Layer.merge(NodeFileSystem.layer, NodePath.layer)),
    Effect.provideContext(loggingContext(framework, input.log)),
    Effect.ensuring(Effect.sync(accessLog.flush))
  )
})
