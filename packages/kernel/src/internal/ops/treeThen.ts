import { step } from "@portico/gate/database"
import { EDIT, PorticoError, READ } from "@portico/schema"
import type { Graph } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, preload } from "../store/nodes.ts"
import { leftSince, pastOf } from "../store/past.ts"
import { chainAsIf, trashRow, trashTop } from "../store/trash.ts"
import type { WriteOp } from "./Op.ts"

/** Most nodes that one restore puts back, and most changes of place in the whole store that it looks through. */
export const maxNodes = 10_000
const maxMoves = 100_000

/** A node as it was below another. */
export interface NodeThen {
  readonly key: number
  readonly parent: number
  readonly slug: string
  /** The text of its props. */
  readonly props: string
}

export const tooMany = (limit: string, max: number, what: string): never => {
  throw PorticoError.make("LIMIT_EXCEEDED", `one restore ${what} at most ${max}`, { limit, max })
}

/**
 * What was below a node after the change with this number, parents first. Refused where something of it is gone for good
 * or out of the caller's sight, which reads the same, or not theirs to EDIT.
 */
export function* treeThen(op: WriteOp, top: NodeRecord, number: number): Parts<ReadonlyMap<number, NodeThen>> {
  const left = yield* step(() => leftSince(op.graph, number, maxMoves))
  if (left === undefined) return tooMany("moves", maxMoves, "looks through, in changes of place,")
  const found = new Map<number, NodeThen>()
  let level: ReadonlyMap<number, string> = new Map([[top.key, ""]])
  while (level.size > 0) {
    const above = level
    const next = yield* step(() => levelThen(op, above, left, number))
    for (const each of next) found.set(each.key, each)
    if (found.size > maxNodes) return tooMany("nodes", maxNodes, "puts back, in nodes,")
    level = new Map(next.map(({ key, path }) => [key, path]))
  }
  return found
}

/** What was directly below nodes, given by their keys with their paths below the top. */
const levelThen = (
  op: WriteOp,
  above: ReadonlyMap<number, string>,
  left: ReadonlyMap<number, ReadonlyArray<number>>,
  number: number
): ReadonlyArray<NodeThen & { readonly path: string }> => {
  const { graph } = op
  const stayed = childrenNow(graph, new Set(above.keys()), maxNodes + 1)
  const keys = [...new Set([...stayed.keys(), ...[...above.keys()].flatMap((parent) => left.get(parent) ?? [])])]
  const past = pastOf(graph, keys, number)
  preload(graph, keys)
  return keys.flatMap((key) => {
    const was = past.get(key)
    const parent = was?.place?.parent ?? stayed.get(key)
    const parentPath = parent === undefined ? undefined : above.get(parent)
    if (was?.absent === true || parent === undefined || parentPath === undefined) return []
    const node = nodeByKey(graph, key)
    const path = `${parentPath}/${was?.place?.slug ?? node?.slug}`
    const { propsText, slug } = editable(op, node, path)
    return [{ key, parent, slug: was?.place?.slug ?? slug, props: was?.props ?? propsText, path }]
  })
}

/** Keys of what is directly below some nodes now, each with that of its parent. */
export const childrenNow = (graph: Graph, parents: ReadonlySet<number>, limit: number): ReadonlyMap<number, number> => {
  const rows = graph.conn
    .prepare(`SELECT key, parent FROM nodes WHERE parent IN ${graph.sql.numbers("?")} ORDER BY parent, slug LIMIT ?`)
    .all(JSON.stringify([...parents]), limit)
  return new Map(rows.map(({ key, parent }) => [Number(key), Number(parent)]))
}

/** The node, which may lie in the trash, if it can be put back by the caller. */
const editable = (op: WriteOp, node: NodeRecord | undefined, path: string): NodeRecord => {
  const top = node === undefined ? undefined : trashTop(op.graph, node)
  const isPurged = node === undefined || (top !== undefined && trashRow(op.graph, top) === undefined)
  const mask = isPurged ? 0 : op.standing.maskAlong(chainAsIf(op.graph, node))
  if (isPurged || (mask & READ) === 0) {
    throw PorticoError.make(
      "NOT_FOUND",
      `what was at .${path} below it does not exist any more, or you may not see it`,
      {
        below: path
      }
    )
  }
  if ((mask & EDIT) === 0) {
    throw PorticoError.make("PERMISSION_DENIED", `needs EDIT on what was at .${path} below it`, {
      needs: ["EDIT"],
      below: path,
      phase: "resource"
    })
  }
  op.noted?.push(["node", node.key, READ | EDIT])
  return node
}
