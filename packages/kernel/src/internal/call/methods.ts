import { type AnyCallable, K, type ParamsOf, type PorticoError } from "@portico/schema"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { type WatchContext, watchChanges } from "../changes/watch.ts"
import { checkPerm } from "../ops/checkPerm.ts"
import { countChildren, getTree, listChildren } from "../ops/children.ts"
import { createNode } from "../ops/createNode.ts"
import { explainPerm } from "../ops/explainPerm.ts"
import { history } from "../ops/history.ts"
import { link, unlink, updateLink } from "../ops/link.ts"
import { countLinks, getLink, getLinks } from "../ops/links.ts"
import { listAccessible } from "../ops/listAccessible.ts"
import { listHolders } from "../ops/listHolders.ts"
import { addMember, listMembers, removeMember } from "../ops/members.ts"
import { get, move, update } from "../ops/node.ts"
import type { Op, WriteOp } from "../ops/Op.ts"
import { grantPerm, listPerms, revokePerm } from "../ops/perms.ts"
import { query } from "../ops/query.ts"
import { remove } from "../ops/remove.ts"
import { restore } from "../ops/restore.ts"
import { listTrash } from "../ops/trash.ts"
import { whoami } from "../ops/whoami.ts"
import type { Parts } from "../store/GraphStore.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import type { ExportContext } from "../transfer/exporting.ts"
import type { IntakeContext } from "../transfer/importing.ts"
import { exportNodes, importRows } from "../transfer/lazily.ts"
import { type ExportParams, exportType } from "../transfer/Selection.ts"
import { type MakeChange, mutate } from "./mutate.ts"

/** A callable that the kernel implements itself. `self` is absent for a static one. */
export type KernelMethod =
  | { readonly kind: "read"; readonly run: (op: Op, self: NodeRecord | undefined, params: unknown) => unknown }
  // Gives a stream, whose items come after the call is over, or bytes, of the type that it says.
  | {
      readonly kind: "stream"
      readonly run: (context: StreamContext, params: unknown) => Stream.Stream<unknown, PorticoError>
      readonly typeOf?: (params: unknown) => string
    }
  // Reads a file.
  | {
      readonly kind: "intake"
      readonly run: (context: IntakeContext, params: unknown) => Effect.Effect<unknown, PorticoError>
    }
  // Makes several changes in one transaction, so many at most.
  | { readonly kind: "batch"; readonly run: (make: MakeChange, params: unknown, most: number) => Parts<unknown> }
  | { readonly kind: "write"; readonly run: (op: WriteOp, self: NodeRecord | undefined, params: unknown) => unknown }

/** What streams read from: the feed of changes, or one commit. */
export interface StreamContext extends WatchContext, ExportContext {}

const need = (self: NodeRecord | undefined): NodeRecord => {
  if (self === undefined) throw new Error("an instance method was run without a node")
  return self
}

// Boundary, for all of these: the params have been checked against the contract that `P` was derived from.
const reading = <P>(run: (op: Op, self: NodeRecord, params: P) => unknown): KernelMethod => ({
  kind: "read",
  run: (op, self, params) => run(op, need(self), params as P)
})
const readingStatic = <P>(run: (op: Op, params: P) => unknown): KernelMethod => ({
  kind: "read",
  run: (op, _, params) => run(op, params as P)
})
const writing = <P>(run: (op: WriteOp, self: NodeRecord, params: P) => unknown): KernelMethod => ({
  kind: "write",
  run: (op, self, params) => run(op, need(self), params as P)
})
const writingStatic = <P>(run: (op: WriteOp, params: P) => unknown): KernelMethod => ({
  kind: "write",
  run: (op, _, params) => run(op, params as P)
})

const methods: ReadonlyArray<readonly [callable: AnyCallable, method: KernelMethod]> = [
  [K.Node.createNode, writingStatic(createNode)],
  [K.Node.get, reading(get)],
  [K.Node.update, writing(update)],
  [K.Node.delete, writing(remove)],
  [K.Node.restore, writing(restore)],
  [K.Node.move, writing(move)],
  [K.Node.link, writing(link)],
  [K.Node.unlink, writing(unlink)],
  [K.Node.updateLink, writing(updateLink)],
  [
    K.Node.mutate,
    { kind: "batch", run: (make, params, most) => mutate(params as ParamsOf<typeof K.Node.mutate>, make, most) }
  ],
  [K.Node.getLink, reading(getLink)],
  [K.Node.getLinks, reading(getLinks)],
  [K.Node.countLinks, reading(countLinks)],
  [K.Node.listChildren, reading(listChildren)],
  [K.Node.countChildren, reading(countChildren)],
  [K.Node.query, readingStatic(query)],
  [K.Node.getTree, reading(getTree)],
  [
    K.Node.changes,
    { kind: "stream", run: (context, params) => watchChanges(context, params as ParamsOf<typeof K.Node.changes>) }
  ],
  [
    K.Node.export,
    {
      kind: "stream",
      run: (context, params) => exportNodes(context, params as ExportParams),
      typeOf: (params) => exportType(params as ExportParams)
    }
  ],
  [
    K.Node.import,
    { kind: "intake", run: (context, params) => importRows(context, params as ParamsOf<typeof K.Node.import>) }
  ],
  [K.Node.history, reading(history)],
  [K.Node.listTrash, readingStatic(listTrash)],
  [K.Node.listHolders, reading(listHolders)],
  [K.Identity.grantPerm, writing(grantPerm)],
  [K.Identity.revokePerm, writing(revokePerm)],
  [K.Identity.listPerms, reading(listPerms)],
  [K.Identity.checkPerm, readingStatic(checkPerm)],
  [K.Identity.explainPerm, readingStatic(explainPerm)],
  [K.Identity.listAccessible, readingStatic(listAccessible)],
  [K.Identity.whoami, readingStatic(whoami)],
  [K.Group.addMember, writing(addMember)],
  [K.Group.removeMember, writing(removeMember)],
  [K.Group.listMembers, reading(listMembers)],
  [K.Role.addMember, writing(addMember)],
  [K.Role.removeMember, writing(removeMember)],
  [K.Role.listMembers, reading(listMembers)]
]

/** The kernel's own callables by canonical address. */
export const makeKernelMethods = (): ReadonlyMap<string, KernelMethod> =>
  new Map(methods.map(([callable, method]) => [callable.path, method]))
