import type { Grant } from "../permission/grants.ts"
import type { Subject } from "../permission/subject.ts"
import type { SchemaCache } from "../schema/SchemaCache.ts"
import type { NodeRecord } from "./NodeRecord.ts"
import type { Sql } from "./sql.ts"

/** What a write has changed and not yet committed. */
export interface Marks {
  readonly nodes: Array<number>
  tree: boolean
  perms: boolean
  schema: boolean
}

/** Nothing touched yet. */
export const noMarks = (): Marks => ({ nodes: [], tree: false, perms: false, schema: false })

interface Remembered<K, V> {
  readonly get: (key: K) => V | undefined
  readonly set: (key: K, value: V) => void
}

/** Nodes by tree path. */
export interface Paths {
  /** The node as the operation may use it, or its key where only that is remembered. */
  readonly get: (path: string) => NodeRecord | number | undefined
  readonly set: (path: string, record: NodeRecord) => void
}

/**
 * What is remembered of the store, as one operation may use it: it is what the operation's own connection would read.
 * Where that cannot be known, it is `undefined`, or the node is dirty, and the operation reads.
 */
export interface CacheView {
  readonly sql: Sql
  readonly records: Remembered<number, NodeRecord>
  readonly keysById: Remembered<string, number>
  /** Whether a node is being changed, so that it is neither taken from `records` nor put there. */
  readonly isDirty: (key: number) => boolean
  /** Nodes by tree path, or `undefined` while the tree is being changed. */
  readonly paths: Paths | undefined
  /** Places of nodes, as numbers; `undefined` where records come with all of their ancestors. */
  readonly places: Remembered<number, number> | undefined
  /** Groups that an identity is itself in, or `undefined` while grants are being changed. */
  readonly groups: Remembered<number, ReadonlyArray<number>> | undefined
  /** What was granted on a node itself, likewise. */
  readonly grants: Remembered<number, ReadonlyArray<Grant>> | undefined
  /** Identities with their groups and masks, or `undefined` while grants are being changed. */
  readonly subjects: Remembered<string, Subject> | undefined
  /** The installed schema, or `undefined` while it is being changed. */
  readonly schema: SchemaCache | undefined
  /** Another one after each move and each removal of a subtree. */
  readonly treeEpoch: number
  /** Counts a mask that is about to be remembered. */
  readonly countMask: () => void
  /** Number of the last commit that the operation sees, where that is known without asking. */
  readonly seqSeen: number | undefined
  readonly markNode: (marks: Marks, key: number) => void
  readonly markTree: (marks: Marks) => void
  readonly markPerms: (marks: Marks) => void
  readonly markSchema: (marks: Marks) => void
}
