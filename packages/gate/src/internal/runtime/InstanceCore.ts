import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import type { ModuleState } from "../../ModuleState.ts"
import type { Plan } from "../../Plan.ts"
import type { StartTrace } from "../../StartTrace.ts"
import { builtinEndpoints } from "../builtin/endpoints.ts"
import type { Inside } from "../builtin/inside.ts"
import type { Endpoint } from "../http/Endpoint.ts"
import { Traffic } from "../http/traffic.ts"
import type { ExtensionRegistry } from "./extensions.ts"
import type { Listeners } from "./listeners.ts"
import { blastRadius, type RestartRefused, restartModule } from "./restartModule.ts"
import type { StateBoard } from "./StateBoard.ts"
import type { Surroundings } from "./startModule.ts"

/** The parts of a running product, as its own code sees them. */
export class InstanceCore implements Inside {
  readonly plan: Plan
  readonly board: StateBoard
  readonly around: Surroundings
  readonly endpoints: ReadonlyArray<Endpoint>
  readonly traffic = new Traffic()
  /** Set when the modules are up. */
  startTrace: StartTrace | undefined = undefined
  /** Set when the port is bound. */
  listeners: Listeners | undefined = undefined
  /** One restart at a time. */
  readonly restarts = Semaphore.makeUnsafe(1)
  /** Completed when the instance begins to stop. */
  readonly stopBegun = Deferred.makeUnsafe<void>()
  /** Whether the stop ended before its deadline; `undefined` until it has ended. */
  stoppedInTime: boolean | undefined = undefined

  constructor(plan: Plan, board: StateBoard, around: Surroundings) {
    this.plan = plan
    this.board = board
    this.around = around
    this.endpoints = [
      ...builtinEndpoints(() => this, around.ambient),
      ...Array.from(around.cells.values()).flatMap((cell) => cell.endpoints)
    ]
  }

  get extensions(): ExtensionRegistry {
    return this.around.extensions
  }

  blastRadius(module: string): ReadonlyArray<string> {
    return blastRadius(this, module).map((cell) => cell.id)
  }

  restart(module: string): Effect.Effect<ReadonlyArray<ModuleState>, RestartRefused> {
    return Effect.provideContext(restartModule(this, module), this.around.ambient)
  }

  isStopping(): boolean {
    return Deferred.isDoneUnsafe(this.stopBegun)
  }

  publicUrl(): string | undefined {
    return this.around.framework.publicUrl ?? this.listeners?.url
  }
}
