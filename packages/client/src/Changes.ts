import type { AnyClass, AnyEdge, Json } from "@portico/schema"
import type { GraphEdge, Target } from "./Node.ts"

/** What is watched; everything that the caller may READ unless narrowed. */
export interface ChangesOptions {
  /** Number of a commit, for example of an answer: everything behind it. From now on unless given. */
  readonly since?: number
  /** Only what is there or below. */
  readonly under?: Target
  /** Only nodes of this class or interface, or edges of this class. */
  readonly class?: AnyClass | AnyEdge | string
}

/** One change of the graph. */
export interface Change {
  /** Number of its commit. */
  readonly seq: number
  /** Tells the changes of one commit apart; ascending. */
  readonly part: number
  readonly op:
    | "create"
    | "update"
    | "move"
    | "delete"
    | "restore"
    | "link"
    | "updateLink"
    | "unlink"
    | "grant"
    | "revoke"
    | "addMember"
    | "removeMember"
    | "reset"
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
  readonly edge?: GraphEdge
  /** Of a reset: an address, below which all has to be read again. */
  readonly under?: string
}

/** An entry of a node's history. */
export interface HistoryEntry {
  readonly seq: number
  readonly at: number
  readonly op: string
  readonly actor: string | null
  readonly actorPath?: string
  /** Id of the function through which it was made. */
  readonly via?: string
  readonly viaPath?: string
  /** Which half of the authority had the permission. */
  readonly allowedBy: "caller" | "function" | "both" | "system"
  readonly path?: string
  readonly from?: string
  /** By qualified key. */
  readonly changed?: Readonly<Record<string, { readonly before?: Json; readonly after?: Json }>>
  readonly edge?: Pick<GraphEdge, "class" | "source" | "target" | "slug">
}

/** What can be restored. */
export interface Deleted {
  readonly id: string
  /** Where it was. */
  readonly path: string
  readonly class: string
  readonly seq: number
  readonly deletedAt: number
  readonly deletedBy: string | null
  /** When it is gone for good, in milliseconds since the epoch. */
  readonly until: number
}
