import type * as Effect from "effect/Effect"
import type { ModuleState } from "../../ModuleState.ts"
import type { Plan } from "../../Plan.ts"
import type { StartTrace } from "../../StartTrace.ts"
import type { Endpoint } from "../http/Endpoint.ts"
import type { Traffic } from "../http/traffic.ts"
import type { ExtensionRegistry } from "../runtime/extensions.ts"
import type { RestartRefused } from "../runtime/restartModule.ts"
import type { StateBoard } from "../runtime/StateBoard.ts"
import type { SocketHub } from "../socket/SocketHub.ts"

/** What the framework's own routes look at. */
export interface Inside {
  readonly plan: Plan
  readonly board: StateBoard
  /** How the modules came up; `undefined` until they are. */
  readonly startTrace: StartTrace | undefined
  readonly extensions: ExtensionRegistry
  /** Of the modules and of the framework. */
  readonly endpoints: ReadonlyArray<Endpoint>
  readonly traffic: Traffic
  readonly sockets: SocketHub
  readonly blastRadius: (module: string) => ReadonlyArray<string>
  readonly restart: (module: string) => Effect.Effect<ReadonlyArray<ModuleState>, RestartRefused>
  /** Set once the instance begins to stop. */
  readonly isStopping: () => boolean
  /** What people reach it at; `undefined` until it listens. */
  readonly publicUrl: () => string | undefined
}
