import { EDIT, type Json, Mask, PorticoError, READ, Slug } from "@portico/schema"
import * as Result from "effect/Result"
import type { Authority } from "../../Authority.ts"
import type { PermissionChange, PermissionRecorder, RefusalListener } from "../../KernelExtensions.ts"
import type { Check } from "../call/checks.ts"
import type { Cursors, Position } from "../cursor.ts"
import { type AllowedBy, Standing } from "../permission/Standing.ts"
import type { QueryLimits } from "../query/Budget.ts"
import { askInVain, locate, nodeAddress, type ParsedAddress, type Target } from "../store/Address.ts"
import { type ChangeOp, type NewChange, writeChange } from "../store/changes.ts"
import type { Graph, Tx } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, pathOf } from "../store/nodes.ts"

/** Which of a call's checks refused: on the class or function, on the node, or on a param. */
export type Phase = "type" | "resource" | "param"

/** How far calls go. Settings of the kernel. */
export interface Limits extends QueryLimits {
  /** Items of a page. */
  readonly page: number
  /** Changes of one `Node:mutate`. */
  readonly ops: number
  /** Slugs of a path. */
  readonly pathDepth: number
  /** Calls within calls. */
  readonly callDepth: number
}

/** What operations share besides the graph. */
export interface OpTools {
  /** Addresses of the callables that the kernel itself implements. */
  readonly operations: ReadonlySet<string>
  readonly parse: (text: string) => ParsedAddress
  readonly cursors: Cursors
  /** For how long the trash is kept, and history, in milliseconds. */
  readonly keep: { readonly trash: number; readonly history: number }
  readonly limits: Limits
  /** Nodes that one restore of all below a node may come by; ten times as many changes of place are looked through. */
  readonly restoreNodes: number
  /** Whoever puts on record who may do what, and whoever is told that somebody may not. */
  readonly onRecord: PermissionRecorder
  readonly onRefusal: RefusalListener
}

/**
 * One running operation: the graph it sees, on whose behalf, and the refusals. A hidden node and a missing one are
 * refused by the same functions with the same words, to everyone who may not READ the nearest existing ancestor.
 */
export class Op<out G extends Graph = Graph> {
  readonly graph: G
  readonly standing: Standing
  readonly tools: OpTools
  /** Takes down every permission that was asked for and held, where somebody wants to ask for the same again. */
  readonly noted: Array<Check> | undefined

  constructor(graph: G, authority: Authority, tools: OpTools, noted?: Array<Check>) {
    this.noted = noted
    this.graph = graph
    this.standing = new Standing(graph, authority)
    this.tools = tools
  }

  get authority(): Authority {
    return this.standing.authority
  }

  /** Whether the caller holds READ. */
  canRead(node: NodeRecord): boolean {
    return (this.standing.mask(node) & READ) !== 0
  }

  /** {@link canRead} of the node with this key as it is now. */
  canReadKey(key: number): boolean {
    const node = nodeByKey(this.graph, key)
    return node !== undefined && this.canRead(node)
  }

  path(node: NodeRecord): string {
    return pathOf(this.graph, node)
  }

  /** Where an address leads, unchecked. */
  locate(text: string): Target {
    const parsed = this.tools.parse(text)
    return locate(this.graph, nodeAddress(parsed), parsed.nodeText)
  }

  /** The node at an address, if the caller holds `needs` on it; refused as hidden, missing or denied otherwise. */
  node(text: string, needs: number, phase: Phase): NodeRecord {
    return this.require(this.locate(text), needs, phase)
  }

  /** The node of a target, if the caller holds `needs` on it. With `needs` 0 any bit at all will do. */
  require(target: Target, needs: number, phase: Phase): NodeRecord {
    const { node } = target
    if (node === undefined) return this.missing(target)
    const mask = this.standing.mask(node)
    if ((mask & needs) === needs && mask !== 0) {
      this.noted?.push(["node", node.key, needs])
      return node
    }
    if ((mask & READ) === 0) return this.missing(target)
    return this.denied(node, needs & ~mask, phase)
  }

  /**
   * Refuses as NOT_FOUND what is not there, or what the caller may not know of; exactly, where they may READ the nearest
   * ancestor of what is not there.
   */
  missing(target: Target): never {
    const { deleted, nearest, node, text } = target
    const isThere = node !== undefined && deleted !== true
    const exact = !isThere && nearest !== undefined && this.canRead(nearest)
    if (!exact) askInVain(this.graph, target)
    const message = exact ? `${text} does not exist` : `${text} does not exist, or you may not see it`
    throw PorticoError.make("NOT_FOUND", message, { path: text })
  }

  /** Refuses as PERMISSION_DENIED. Only for a node that the caller may READ. */
  denied(node: NodeRecord, needs: number, phase: Phase): never {
    return this.deniedOn(this.path(node), needs, phase)
  }

  /** {@link denied}, by the path of the node. */
  deniedOn(on: string, needs: number, phase: Phase): never {
    const error = PorticoError.make("PERMISSION_DENIED", `needs ${Mask.format(needs)} on ${on}`, {
      needs: Mask.names(needs),
      on,
      phase
    })
    this.tools.onRefusal({ authority: this.authority, error })
    throw error
  }

  /** Signs where a page ended, for the same call by the same caller. */
  signCursor(scope: string, position: Position): string {
    return this.tools.cursors.sign(`${scope}\n${this.#callerScope}`, position)
  }

  readCursor(scope: string, cursor: string | undefined): Position | undefined {
    return cursor === undefined ? undefined : this.tools.cursors.read(`${scope}\n${this.#callerScope}`, cursor)
  }

  get #callerScope(): string {
    return JSON.stringify(this.authority.halves)
  }
}

/** How a write is made. */
export interface WriteOptions {
  /** Makes it one of several changes: what has to hold after the last of them is put there. */
  readonly atEnd?: Array<() => void>
  readonly noted?: Array<Check> | undefined
}

/** An operation that writes. */
export class WriteOp extends Op<Tx> {
  readonly #atEnd: Array<() => void> | undefined

  constructor(graph: Tx, authority: Authority, tools: OpTools, { atEnd, noted }: WriteOptions = {}) {
    super(graph, authority, tools, noted)
    this.#atEnd = atEnd
  }

  /** Checks what a change may break for as long as others of its batch mend it: at once where it is alone. */
  inTheEnd(check: () => void): void {
    if (this.#atEnd === undefined) check()
    else this.#atEnd.push(check)
  }

  /** Writes down who changed what. `allowedBy` is told before the change, when the permission was checked. */
  record(op: ChangeOp, node: NodeRecord, allowedBy: AllowedBy, rest: Omit<NewChange, "op" | "node"> = {}): void {
    const { actor, via } = this.authority
    writeChange(this.graph, { op, node, ...rest }, { actor, via, half: allowedBy })
  }

  /** {@link record} of who may do what: also for whoever else keeps such records. */
  recordPermission(
    op: PermissionChange["op"],
    identity: NodeRecord,
    allowedBy: AllowedBy,
    { edge, masks }: { readonly edge: NonNullable<NewChange["edge"]>; readonly masks?: PermissionChange["masks"] }
  ): void {
    const texts = masks === undefined ? undefined : { before: String(masks.before), after: String(masks.after) }
    this.record(op, identity, allowedBy, { edge, ...texts })
    this.tools.onRecord(this.graph.conn, {
      op,
      authority: this.authority,
      allowedBy,
      identity: { id: identity.id, path: this.path(identity) },
      on: { id: edge.target.id, path: this.path(edge.target) },
      ...(masks === undefined ? undefined : { masks }),
      at: this.graph.now
    })
  }
}

/** A slug param, normalised. */
export const slugParam = (text: string): string => {
  const slug = Slug.parse(text)
  if (Result.isFailure(slug)) throw slug.failure
  return slug.success
}

/** A `perms` param. The contract has checked its shape; a value that is no mask is refused, never cut down. */
export const permsParam = (input: unknown): number => {
  const mask = Mask.fromInput(input)
  if (mask !== undefined) return mask
  throw PorticoError.make("INVALID_PARAMS", "perms: a mask from 0 to 15, or names of bits", {
    issues: [{ path: ["perms"], code: "perms", message: "a mask from 0 to 15, or names of bits" }]
  })
}

/** Refuses a change to a node that moved on. */
export const checkRev = (node: { readonly rev: number }, ifRev: number | undefined, what: string): void => {
  if (ifRev === undefined || ifRev === node.rev) return
  throw PorticoError.make("REV_CONFLICT", `${what} is at rev ${node.rev}, not ${ifRev}`, { rev: node.rev })
}

/** The caller needs EDIT on the node that it calls. */
export const requireEdit = (op: Op, self: NodeRecord): void => {
  op.require({ text: op.path(self), node: self, nearest: self }, EDIT, "resource")
}

/** Refuses what a declared constraint does not allow. */
export const violated = (message: string, details: Readonly<Record<string, Json>>): never => {
  throw PorticoError.make("CONSTRAINT_VIOLATED", message, details)
}
