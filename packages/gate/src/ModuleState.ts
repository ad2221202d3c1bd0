/**
 * Where a module is in its life.
 *
 * - `planned`: not begun; it may be waiting for others.
 * - `starting`, `ready`, `stopping`, `stopped`: what they say.
 * - `degraded`: it did not start, or something it needs did not, and the product runs on without it.
 * - `restarting`: it is being taken down and built again.
 * - `failed`: it did not start, and the product does not run without it.
 */
export type ModuleStatus =
  | "planned"
  | "starting"
  | "ready"
  | "degraded"
  | "restarting"
  | "stopping"
  | "stopped"
  | "failed"

/** The state of one module of a running product. */
export interface ModuleState {
  readonly id: string
  readonly displayName: string
  readonly status: ModuleStatus
  /** When it got there, in milliseconds since the epoch. */
  readonly since: number
  /** Why it is degraded or failed, in one line that anybody may read; otherwise `null`. */
  readonly reason: string | null
  /** Ids of modules that must be ready before this one can begin. */
  readonly waitingOn: ReadonlyArray<string>
}
