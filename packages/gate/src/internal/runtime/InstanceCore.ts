import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { Authenticator, type AuthenticatorService } from "../../contracts/Authenticator.ts"
import { RequestLimits, type RequestLimitsService } from "../../contracts/RequestLimits.ts"
import type { ModuleState } from "../../ModuleState.ts"
import type { Plan } from "../../Plan.ts"
import { SocketFailure } from "../../SocketRpc.ts"
import { socketRpcs } from "../../SocketRpcs.ts"
import type { StartTrace } from "../../StartTrace.ts"
import { builtinEndpoints } from "../builtin/endpoints.ts"
import type { Inside } from "../builtin/inside.ts"
import type { Endpoint } from "../http/Endpoint.ts"
import { Traffic } from "../http/traffic.ts"
import { SocketHub } from "../socket/SocketHub.ts"
import type { ExtensionRegistry } from "./extensions.ts"
import type { Listeners } from "./listeners.ts"
import type { ModuleCell } from "./ModuleCell.ts"
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
  readonly sockets: SocketHub
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
  private readonly authCell: ModuleCell | undefined
  private readonly limitsCell: ModuleCell | undefined

  constructor(plan: Plan, board: StateBoard, around: Surroundings) {
    this.plan = plan
    this.board = board
    this.around = around
    this.authCell = this.providerOf(Authenticator.key)
    this.limitsCell = this.providerOf(RequestLimits.key)
    this.sockets = new SocketHub({
      framework: around.framework,
      hosts: around.extensions.service.ref(socketRpcs),
      unavailable: (namespace) => this.noHost(namespace),
      authenticator: () => this.authenticator(),
      requestLimits: () => this.requestLimits(),
      states: board.log
    })
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

  /** `undefined` while no module provides one. */
  authenticator(): AuthenticatorService | undefined {
    return this.authCell?.service(Authenticator)
  }

  /** `undefined` while no module provides them. */
  requestLimits(): RequestLimitsService | undefined {
    return this.limitsCell?.service(RequestLimits)
  }

  private providerOf(key: string): ModuleCell | undefined {
    const provider = this.plan.services.find((service) => service.key === key)?.provider
    return provider === undefined ? undefined : this.around.cells.get(provider)
  }

  /** Why no module answers the calls of a namespace that one of them contributes. */
  private noHost(namespace: string): SocketFailure | undefined {
    const owner = this.plan.contributions.find(
      ({ identity, point }) => point === socketRpcs.id && identity === namespace
    )
    const cell = owner === undefined ? undefined : this.around.cells.get(owner.module)
    return cell === undefined ? undefined : SocketFailure.from(cell.unavailable())
  }

  isStopping(): boolean {
    return Deferred.isDoneUnsafe(this.stopBegun)
  }

  publicUrl(): string | undefined {
    return this.around.framework.publicUrl ?? this.listeners?.url
  }
}
