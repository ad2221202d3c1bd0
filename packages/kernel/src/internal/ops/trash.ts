import { EDIT, type K, type ParamsOf, READ } from "@portico/schema"
import { nodeByKey } from "../store/nodes.ts"
import { chainAsIf, type TrashRow, trashPage } from "../store/trash.ts"
import { defaultLimit } from "./children.ts"
import type { Op } from "./Op.ts"
import { scanBudget } from "./scan.ts"

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
  const { next, rows } = page(op, Number(seq), Number(node), limit)
  return {
    deleted: rows.map((row) => ({
      id: row.id,
      path: row.path,
      class: row.class,
      seq: row.seq,
      deletedAt: row.deletedAt,
      deletedBy: row.actor,
      until: row.deletedAt + op.tools.keep.trash
    })),
    ...(next === undefined ? undefined : { next: op.signCursor(scope, [next.seq, next.node]) })
  }
}

/** What is passed over does not count, so the length of a page tells nothing of it. */
const page = (op: Op, seq: number, node: number, limit: number) => {
  const rows: Array<TrashRow> = []
  let last = { seq, node }
  for (let budget = scanBudget; ; ) {
    const found = trashPage(op.graph, last.seq, last.node, limit + 1)
    for (const row of found) {
      const isSeen = maySeeInTrash(op, row.node)
      if (isSeen && rows.length === limit) return { rows, next: last }
      if (isSeen) rows.push(row)
      last = { seq: row.seq, node: row.node }
      if (--budget === 0) return { rows, next: last }
    }
    if (found.length <= limit) return { rows, next: undefined }
  }
}
