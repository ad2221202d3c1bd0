import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { PlanRefused } from "./Diagnostic.ts"
import type { ExtensionPoint, ExtensionRef } from "./ExtensionPoint.ts"
import type { GatewayBootError } from "./GatewayBootError.ts"
import type { HttpTransport } from "./HttpTransport.ts"
import type { AccessLog } from "./internal/http/Exchange.ts"
import type { RestartRefused } from "./internal/runtime/restartModule.ts"
import { startInstance } from "./internal/runtime/startInstance.ts"
import type { ModuleState } from "./ModuleState.ts"
import type { Plan, PlanOptions } from "./Plan.ts"
import type { Product } from "./Product.ts"
import type { StartTrace } from "./StartTrace.ts"

export type { AccessLog, AccessRecord } from "./internal/http/Exchange.ts"
export { RestartRefused } from "./internal/runtime/restartModule.ts"

/** A running product. */
export interface GatewayInstance {
  readonly plan: Plan
  /** Where public routes are reached, for example `http://localhost:4000`. */
  readonly url: string
  /** Where internal routes are reached; the same as `url` unless they have a listener of their own. */
  readonly internalUrl: string
  /** Milliseconds from the beginning of the start until the port was bound. */
  readonly startedIn: number
  /** How each module came up, and which of them the start was waiting for. Also emitted as spans, and logged at debug. */
  readonly startTrace: StartTrace
  /** The states of all modules, now. */
  readonly states: Effect.Effect<ReadonlyArray<ModuleState>>
  /** Every change of a module's state from the moment of subscription on. */
  readonly changes: Stream.Stream<ModuleState>
  /** What the modules contribute to a point. */
  readonly extensions: <A>(point: ExtensionPoint<A>) => ExtensionRef<A>
  /** The modules that a restart of this one takes along, in start order: itself and all that depend on its services. */
  readonly blastRadius: (module: string) => ReadonlyArray<string>
  /**
   * Takes a module and its blast radius down and builds them anew, while everybody else goes on: their routes answer
   * 503, requests that run are let end or are ended after the drain deadline, and they are released in reverse of need.
   * A module that does not come up again is degraded. Gives the states afterwards.
   */
  readonly restart: (module: string) => Effect.Effect<ReadonlyArray<ModuleState>, RestartRefused>
  /**
   * Unready, then (after the delay that was set) no new connections, then running requests end or are ended, then the
   * modules are released in reverse. Ends when all that is done or the deadline for the whole stop has passed. Closing
   * the scope does the same; it happens only once.
   */
  readonly stop: Effect.Effect<void>
}

/** What a product is started with. */
export interface StartOptions extends PlanOptions {
  /** Takes a record of each request, if the setting `gate.accessLog` is on. Must not block. */
  readonly accessLog?: AccessLog | undefined
}

export const GatewayInstance = {
  /**
   * Plans a product and starts it: every module as soon as all it requires is ready, and the listener when all routes
   * have somebody behind them. A plan that is refused fails with every diagnostic; a module that does not start and may
   * not be missing fails with a report, after everything that had been started is released again.
   *
   * @example
   * ```ts
   * import { Gateway, GatewayInstance } from "@portico/gate"
   * import { NodeGateway } from "@portico/gate/node"
   * import * as Effect from "effect/Effect"
   *
   * const product = Gateway.make({ identity: { id: "example", name: "Example" }, modules: [] })
   *
   * const program = Effect.gen(function* () {
   *   const instance = yield* GatewayInstance.start(product, { settings: { env: process.env } })
   *   yield* Effect.log(`ready at ${instance.url}`)
   *   yield* Effect.never
   * }).pipe(Effect.scoped, Effect.provide(NodeGateway.layer))
   * ```
   */
  start: (
    product: Product,
    options: StartOptions = {}
  ): Effect.Effect<
    GatewayInstance,
    PlanRefused | GatewayBootError,
    HttpTransport | FileSystem.FileSystem | Path.Path | Scope.Scope
  > => Effect.map(startInstance(product, options), ({ instance }) => instance)
} as const
