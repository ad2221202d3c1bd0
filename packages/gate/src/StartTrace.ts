/** What a module does while it starts, in this order. */
export type StartPhaseName = "waiting" | "layer" | "contributions" | "routes"

/** One phase of a module's start. Times are milliseconds since the product began to start. */
export interface StartPhase {
  readonly name: StartPhaseName
  readonly start: number
  readonly end: number
}

/** How one module came up. */
export interface ModuleStart {
  readonly module: string
  readonly outcome: "ready" | "degraded"
  readonly start: number
  readonly end: number
  /** Ids of the modules that it had to wait for. */
  readonly waitedFor: ReadonlyArray<string>
  /** Those that it got to. */
  readonly phases: ReadonlyArray<StartPhase>
}

/** How a product came up, module by module. Times are milliseconds since it began to start. */
export interface StartTrace {
  /** When it began, in milliseconds since the epoch. */
  readonly at: number
  /** Until the last module was up; then the port is bound. */
  readonly millis: number
  /** In start order. */
  readonly modules: ReadonlyArray<ModuleStart>
  /**
   * The modules that the start was waiting for from its beginning to its end, each with the milliseconds that it took
   * once it no longer waited itself. Only making one of these faster makes the start faster.
   */
  readonly criticalPath: ReadonlyArray<{ readonly module: string; readonly millis: number }>
}
