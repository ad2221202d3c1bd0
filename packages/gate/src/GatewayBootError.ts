import * as Data from "effect/Data"
import type { ModuleState } from "./ModuleState.ts"

/** Why one module did not start. */
export interface ModuleFailure {
  readonly module: string
  /** `timeout`: it was still starting when its time was up. */
  readonly kind: "failed" | "timeout"
  /** One line. */
  readonly reason: string
  /** Modules that it had been waiting for before it could begin, all of them ready by then. */
  readonly waitedFor: ReadonlyArray<string>
  /** The whole cause, for the log. */
  readonly detail: string
}

/** Nothing answers at the addresses that were asked for. */
export interface ListenFailure {
  readonly address: string
  readonly reason: string
}

/**
 * A product that planned but did not start. Everything that had been started was released again, and no port is bound.
 * `message` is the whole report.
 */
export class GatewayBootError extends Data.TaggedError("GatewayBootError")<{
  readonly product: string
  readonly failures: ReadonlyArray<ModuleFailure>
  readonly listen: ReadonlyArray<ListenFailure>
  /** How far the others were when it was given up. */
  readonly states: ReadonlyArray<ModuleState>
  readonly message: string
}> {}
