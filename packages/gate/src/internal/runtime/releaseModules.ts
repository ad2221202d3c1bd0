import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { ModuleStatus } from "../../ModuleState.ts"
import { endedWithin } from "./deadline.ts"
import type { Live, ModuleCell } from "./ModuleCell.ts"
import type { StateBoard } from "./StateBoard.ts"
import { type Surroundings, withdraw } from "./startModule.ts"

/** What the log says of a module that has not been released within its time, or whose release failed. */
export const stoppedLate = (id: string, millis: number): string =>
  `Module "${id}" did not stop within ${millis} ms; it is left behind.`
export const failedToStop = (id: string): string => `Module "${id}" failed while it stopped.`

/**
 * Closes one module's scope under its deadline. It never fails: what cannot be released is named in the log. What is
 * late is no longer waited for, but goes on, since a release that is broken off would leave more behind.
 */
export const releaseScope = (id: string, scope: Scope.Closeable, millis: number): Effect.Effect<void> =>
  Effect.flatMap(endedWithin(Effect.uninterruptible(Scope.close(scope, Exit.void)), millis), (outcome) => {
    if (outcome === "ended") return Effect.void
    return Effect.logWarning(outcome === "late" ? stoppedLate(id, millis) : failedToStop(id))
  })

/**
 * Releases those of `cells` that are up, each as soon as all of them that need it are released; independent ones in
 * parallel. Modules that never came up are not touched. `before` and `after` are the states shown meanwhile.
 */
export const releaseModules = Effect.fnUntraced(function* (
  around: Surroundings,
  board: StateBoard,
  cells: ReadonlyArray<ModuleCell> = [...around.cells.values()],
  [before, after]: readonly [ModuleStatus, ModuleStatus] = ["stopping", "stopped"]
) {
  const up = cells.filter((cell) => cell.live !== undefined)
  const released = new Map(up.map((cell) => [cell.id, Deferred.makeUnsafe<void>()]))
  // From the moment that it is withdrawn nobody else would release it, so this is not to be broken off.
  const takeDown = (cell: ModuleCell, live: Live) =>
    Effect.gen(function* () {
      yield* board.set(cell.id, { status: before })
      withdraw(cell, around)
      yield* releaseScope(cell.id, live.scope, around.framework.moduleStopDeadline)
      yield* board.set(cell.id, { status: after })
    }).pipe(Effect.uninterruptible)

  const release = Effect.fnUntraced(function* (cell: ModuleCell) {
    const { live } = cell
    if (live === undefined) return
    for (const other of up) {
      const needsThis = other.planned.planned.dependsOn.some((dependency) => dependency.module === cell.id)
      const done = released.get(other.id)
      if (needsThis && done !== undefined) yield* Deferred.await(done)
    }
    yield* takeDown(cell, live)
    const done = released.get(cell.id)
    if (done !== undefined) yield* Deferred.succeed(done, undefined)
  })
  yield* Effect.forEach(up, release, { concurrency: "unbounded", discard: true })
})
