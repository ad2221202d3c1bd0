import type { Json } from "@portico/schema"
import type { NodeView } from "../../Kernel.ts"
import { deepFreeze } from "../json.ts"
import type { Queued } from "./Queue.ts"

/** A row of `nodes`. */
export interface NodeFields {
  readonly key: number
  readonly id: string
  /** 0 for Root. */
  readonly parent: number
  readonly slug: string
  /** Key of the class node. */
  readonly classKey: number
  /** Whether any grant was ever made on it. */
  readonly granted: boolean
  readonly rev: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly propsText: string
}

const noProps: Readonly<Record<string, Json>> = Object.freeze({})

/** A node as the store has it, and what was derived from it. */
export class NodeRecord implements NodeFields, Queued<NodeRecord> {
  // What a hot look-up reads comes first, so that it lies together in memory.
  readonly key: number
  readonly parent: number
  readonly classKey: number
  readonly granted: boolean
  visited = false
  /** The bits that the subject with this number has here: of the last one that was asked about, good as long as it is. */
  subject = 0
  mask = 0
  /** Memos, good while `epoch` is the tree's. */
  epoch = 0
  path: string | undefined = undefined
  view: NodeView | undefined = undefined
  readonly id: string
  readonly slug: string
  readonly rev: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly propsText: string
  /** The path that it is remembered under, and its place in the queue of what is; see {@link NodeMemo}. */
  placedAt: string | undefined = undefined
  newer: NodeRecord | undefined = undefined
  older: NodeRecord | undefined = undefined
  #props: Readonly<Record<string, Json>> | undefined = undefined

  constructor(fields: NodeFields) {
    this.key = fields.key
    this.id = fields.id
    this.parent = fields.parent
    this.slug = fields.slug
    this.classKey = fields.classKey
    this.granted = fields.granted
    this.rev = fields.rev
    this.createdAt = fields.createdAt
    this.updatedAt = fields.updatedAt
    this.propsText = fields.propsText
  }

  /** Deeply frozen, and parsed when first asked for: most records are only passed by on the way up or down. */
  get props(): Readonly<Record<string, Json>> {
    if (this.#props !== undefined) return this.#props
    // Boundary: written by us, from props.
    const parsed = JSON.parse(this.propsText) as Readonly<Record<string, Json>>
    this.#props = this.propsText === "{}" ? noProps : deepFreeze(parsed)
    return this.#props
  }

  /** A record of the same node after a change. */
  with(changes: Partial<NodeFields>): NodeRecord {
    return new NodeRecord({ ...this, ...changes })
  }
}
