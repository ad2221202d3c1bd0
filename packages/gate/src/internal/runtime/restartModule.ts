import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ModuleState } from "../../ModuleState.ts"
import { SocketFailure } from "../../SocketRpc.ts"
import type { InstanceCore } from "./InstanceCore.ts"
import type { ModuleCell } from "./ModuleCell.ts"
import { releaseModules } from "./releaseModules.ts"
import { startModules } from "./startModules.ts"

/** A restart that was not begun. */
export class RestartRefused extends Data.TaggedError("RestartRefused")<{
  readonly code: "NOT_FOUND" | "UNAVAILABLE"
  readonly status: 404 | 503
  readonly message: string
}> {}

/** The module and everything that takes a service from it, also indirectly, in start order. */
export const blastRadius = (core: InstanceCore, id: string): ReadonlyArray<ModuleCell> => {
  const dependents = new Set(core.around.cells.get(id)?.planned.planned.dependents)
  return Array.from(core.around.cells.values()).filter((cell) => cell.id === id || dependents.has(cell.id))
}

/** Lets the requests of these modules end, and ends those that do not in time. New ones are refused meanwhile. */
const drain = Effect.fnUntraced(function* (core: InstanceCore, cells: ReadonlyArray<ModuleCell>) {
  const hosts = core.sockets.hostsOf(new Set(cells.map(({ id }) => id)))
  for (const host of hosts) host.close(restarting)
  const traffic = cells.flatMap((cell) => cell.endpoints.map((endpoint) => endpoint.traffic))
  const requests = traffic.map((one) =>
    Effect.callback<void>((resume) => {
      const cancel = one.onIdle(() => resume(Effect.void))
      return Effect.sync(cancel)
    })
  )
  const idle = Effect.all([...requests, ...hosts.map((host) => host.idle)], { concurrency: "unbounded", discard: true })
  const ended = yield* Effect.timeoutOption(idle, core.around.framework.drainDeadline)
  if (Option.isSome(ended)) return
  for (const one of traffic) one.cut()
  for (const host of hosts) host.cut(restarting)
})

const restarting = SocketFailure.from({ code: "UNAVAILABLE", message: "The module behind this call is restarted." })

/**
 * Takes a module and all that depend on it down and builds them anew, while everybody else goes on. One that does not
 * come up again is degraded, and so are its dependents. Gives their states afterwards.
 */
export const restartModule = (
  core: InstanceCore,
  id: string
): Effect.Effect<ReadonlyArray<ModuleState>, RestartRefused> =>
  Effect.suspend(() => {
    const cells = blastRadius(core, id)
    if (cells.length === 0) {
      return new RestartRefused({ code: "NOT_FOUND", status: 404, message: `There is no module "${id}".` })
    }
    return core.restarts.withPermits(1)(Effect.raceFirst(rebuild(core, cells), refusedByStop(core)))
  })

const refusedByStop = (core: InstanceCore): Effect.Effect<never, RestartRefused> =>
  Effect.andThen(
    Deferred.await(core.stopBegun),
    Effect.fail(new RestartRefused({ code: "UNAVAILABLE", status: 503, message: "The product is stopping." }))
  )

const rebuild = Effect.fnUntraced(function* (core: InstanceCore, cells: ReadonlyArray<ModuleCell>) {
  const { around, board } = core
  for (const cell of cells) {
    for (const endpoint of cell.endpoints) endpoint.target = undefined
    yield* board.set(cell.id, { status: "restarting" })
  }
  yield* Effect.logInfo(`restarting ${cells.map((cell) => cell.id).join(", ")}`)
  yield* drain(core, cells)
  yield* releaseModules(around, board, cells, ["restarting", "restarting"])
  // What does not come up is degraded, so nothing fails here.
  yield* Effect.ignore(startModules(around, board, { cells, as: "restart" }))
  return cells.map((cell) => board.get(cell.id))
})
