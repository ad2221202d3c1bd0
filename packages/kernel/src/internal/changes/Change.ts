import type { Json } from "@portico/schema"
import type { EdgeView } from "../../Kernel.ts"
import type { ChangeOp } from "../store/changes.ts"

/** One change, as a watcher is told of it. */
export interface Change {
  /** Number of its commit. */
  readonly seq: number
  /** Tells the changes of one commit apart, the same for every watcher; ascending. */
  readonly part: number
  readonly op: ChangeOp | "reset"
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Id of the identity that made it. */
  readonly actor: string | null
  readonly rev: number
  /** As it was right after that commit; of one that was deleted, right before. */
  readonly node?: {
    readonly id: string
    readonly path: string
    readonly class: string
    readonly props?: Readonly<Record<string, Json>>
  }
  /** Path before a move. */
  readonly from?: string
  readonly edge?: EdgeView
  /** Of a reset: an address, below which all has to be read again. */
  readonly under?: string
}
