import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { ModuleFailure } from "../../GatewayBootError.ts"
import type { Dependency } from "../../Plan.ts"
import { withDeadline } from "./deadline.ts"
import type { ModuleCell } from "./ModuleCell.ts"
import { reasonOf } from "./reason.ts"
import { releaseScope } from "./releaseModules.ts"
import { type Phase, type StartRecorder, unrecorded } from "./StartRecorder.ts"
import type { StateBoard } from "./StateBoard.ts"
import { type Surroundings, startModule, withdraw } from "./startModule.ts"

/** How a module's start ended, for those that need it. */
type Outcome = "ready" | "degraded"

/** Which modules are started, and why. */
export interface StartPlan {
  readonly cells: ReadonlyArray<ModuleCell>
  /** How they are shown while they wait and start: a restart has a word of its own. */
  readonly as: "start" | "restart"
  /** Writes down how it goes. */
  readonly recorder?: StartRecorder
}

/**
 * Starts modules, each as soon as all it needs is ready; what is not among them is taken as it is. Ends when each is
 * ready or degraded; fails with the first module that may not degrade, after everything that was still starting has
 * been taken back. What was ready by then is left for the caller to release. A restart never fails: the product has run
 * without the module for a moment, and goes on so.
 */
export const startModules = Effect.fnUntraced(function* (around: Surroundings, board: StateBoard, plan: StartPlan) {
  const waiting = plan.as === "start" ? "planned" : "restarting"
  const settled = new Map(plan.cells.map((cell) => [cell.id, Deferred.makeUnsafe<Outcome>()]))

  const settle = (cell: ModuleCell, outcome: Outcome) => {
    const mine = settled.get(cell.id)
    return mine === undefined ? Effect.void : Deferred.succeed(mine, outcome)
  }

  const degrade = Effect.fnUntraced(function* (cell: ModuleCell, reason: string) {
    withdraw(cell, around)
    yield* board.set(cell.id, { status: "degraded", reason })
    yield* Effect.logWarning(`Module "${cell.id}" is degraded: ${reason}`)
    yield* settle(cell, "degraded")
    return "degraded" as const
  })

  /** Waits for what `cell` needs; gives the first requirement that will not come. */
  const awaitNeeds = Effect.fnUntraced(function* (cell: ModuleCell) {
    const { dependsOn } = cell.planned.planned
    const missing = new Set<string>()
    const waitingOn = new Set(dependsOn.map((dependency) => dependency.module))
    yield* board.set(cell.id, { status: waiting, waitingOn: [...waitingOn] })
    yield* Effect.forEach(
      dependsOn,
      Effect.fnUntraced(function* (dependency) {
        const theirs = settled.get(dependency.module)
        const outcome = theirs === undefined ? board.get(dependency.module).status : yield* Deferred.await(theirs)
        waitingOn.delete(dependency.module)
        if (outcome !== "ready" && isNeeded(dependency)) missing.add(dependency.module)
        yield* board.set(cell.id, { status: waiting, waitingOn: [...waitingOn] })
      }),
      { concurrency: "unbounded", discard: true }
    )
    // Not the first that was known to be missing, which may itself lack what this one lacks.
    return dependsOn.find((dependency) => missing.has(dependency.module))?.module
  })

  const startOne = Effect.fnUntraced(function* (cell: ModuleCell, phase: Phase) {
    const missing = yield* phase("waiting", awaitNeeds(cell))
    if (missing !== undefined) return yield* degrade(cell, `it needs "${missing}", which is degraded`)
    yield* board.set(cell.id, { status: plan.as === "start" ? "starting" : "restarting" })
    const failure = yield* attempt(cell, around, phase)
    if (failure === undefined) {
      yield* board.set(cell.id, { status: "ready" })
      yield* settle(cell, "ready")
      return "ready" as const
    }
    yield* Effect.annotateLogs(Effect.logError(`Module "${cell.id}" did not start.`), { cause: failure.detail })
    if (plan.as === "restart" || cell.planned.planned.onBootFailure === "degrade")
      return yield* degrade(cell, failure.reason)
    withdraw(cell, around)
    yield* board.set(cell.id, { status: "failed", reason: failure.reason })
    return yield* Effect.fail(failure)
  })

  const { recorder } = plan
  const starting = (cell: ModuleCell) =>
    recorder === undefined ? startOne(cell, unrecorded) : recorder.module(cell, (phase) => startOne(cell, phase))
  yield* Effect.forEach(plan.cells, starting, { concurrency: "unbounded", discard: true })
})

/** A module that only asks to come later, or can do without, starts without the other. */
const isNeeded = (dependency: Dependency): boolean => dependency.services.length > 0 && !dependency.optional

/** One try to start a module. If it does not come up, everything that it had acquired is released again. */
const attempt = (cell: ModuleCell, around: Surroundings, phase: Phase): Effect.Effect<ModuleFailure | undefined> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { moduleStopDeadline, startTimeout } = around.framework
      const ended = yield* restore(
        withDeadline(startModule(cell, scope, around, phase), startTimeout, moduleStopDeadline)
      ).pipe(
        Effect.onInterrupt(() => {
          withdraw(cell, around)
          return releaseScope(cell.id, scope, moduleStopDeadline)
        })
      )
      if (Option.isSome(ended) && Exit.isSuccess(ended.value)) return undefined
      yield* releaseScope(cell.id, scope, moduleStopDeadline)
      const waitedFor = cell.planned.planned.dependsOn.map((dependency) => dependency.module)
      if (Option.isSome(ended) && Exit.isFailure(ended.value)) {
        const { cause } = ended.value
        return { module: cell.id, kind: "failed", reason: reasonOf(cause), waitedFor, detail: Cause.pretty(cause) }
      }
      const reason = `it did not start within ${startTimeout} ms`
      return { module: cell.id, kind: "timeout", reason, waitedFor, detail: reason }
    })
  )
