import { EDIT, type K, type ParamsOf, READ } from "@portico/schema"
import { nodeByKey } from "../store/nodes.ts"
import { chainAsIf, type TrashRow, trashPage } from "../store/trash.ts"
import { defaultLimit } from "./children.ts"
import type { Op } from "./Op.ts"
import { scan } from "./scan.ts"

const needs = READ | EDIT

/** Whether the caller could READ and EDIT what was deleted, were it still where it was. Nobody else is told of it. */
export const maySeeInTrash = (op: Op, key: number): boolean => {
  const node = nodeByKey(op.graph, key)
  return node !== undefined && (op.standing.maskAlong(chainAsIf(op.graph, node)) & needs) === needs
}

/** `Node:listTrash`: what the caller may restore, the latest first. `keep` is for how long, in milliseconds. */
export const listTrash = (op: Op, params: ParamsOf<typeof K.Node.listTrash>) => {
  const { limit = defaultLimit } = params
  const scope = JSON.stringify(["listTrash"])
  const [seq = Number.MAX_SAFE_INTEGER, node = 0] = op.readCursor(scope, params.cursor) ?? []
  const { items, next } = scan(
    { seq: Number(seq), node: Number(node) },
    limit,
    (after, count) => trashPage(op.graph, after.seq, after.node, count),
    (row) => ({ seq: row.seq, node: row.node }),
    (row) => (maySeeInTrash(op, row.node) ? shown(op, row) : undefined)
  )
  return {
    deleted: items,
    ...(next === undefined ? undefined : { next: op.signCursor(scope, [next.seq, next.node]) })
  }
}

const shown = (op: Op, row: TrashRow) => ({
  id: row.id,
  path: row.path,
  class: row.class,
  seq: row.seq,
  deletedAt: row.deletedAt,
  deletedBy: row.actor,
  until: row.deletedAt + op.tools.keep.trash
})
