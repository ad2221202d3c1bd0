import type { Plan } from "../../Plan.ts"
import { builtinEndpoints } from "../builtin/endpoints.ts"
import type { Inside } from "../builtin/inside.ts"
import type { Endpoint } from "../http/Endpoint.ts"
import { Traffic } from "../http/traffic.ts"
import type { ExtensionRegistry } from "./extensions.ts"
import type { Listeners } from "./listeners.ts"
import type { StateBoard } from "./StateBoard.ts"
import type { Surroundings } from "./startModule.ts"

/** The parts of a running product, as its own code sees them. */
export class InstanceCore implements Inside {
  readonly plan: Plan
  readonly board: StateBoard
  readonly around: Surroundings
  readonly endpoints: ReadonlyArray<Endpoint>
  readonly traffic = new Traffic()
  /** Set when the port is bound. */
  listeners: Listeners | undefined = undefined
  /** Set when the instance begins to stop. */
  stopping = false
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

  isStopping(): boolean {
    return this.stopping
  }

  publicUrl(): string | undefined {
    return this.around.framework.publicUrl ?? this.listeners?.url
  }
}
