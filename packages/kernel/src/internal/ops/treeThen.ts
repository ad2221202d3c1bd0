import { EDIT, PorticoError, READ } from "@portico/schema"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
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
export const treeThen = (op: WriteOp, top: NodeRecord, number: number): ReadonlyMap<number, NodeThen> => {
  const { graph } = op
  const left = leftSince(graph, number, maxMoves) ?? tooMany("moves", maxMoves, "looks through, in changes of place,")
  const found = new Map<number, NodeThen>()
  const paths = new Map([[top.key, ""]])
  for (let level: ReadonlySet<number> = new Set([top.key]); level.size > 0; ) {
    const stayed = childrenNow(graph, level, maxNodes + 1)
    const keys = [...new Set([...stayed.keys(), ...[...level].flatMap((parent) => left.get(parent) ?? [])])]
    if (found.size + keys.length > maxNodes) tooMany("nodes", maxNodes, "puts back, in nodes,")
    const past = pastOf(graph, keys, number)
    const next = new Set<number>()
    for (const key of keys) {
      const was = past.get(key)
      const parent = was?.place?.parent ?? stayed.get(key)
      if (was?.absent === true || parent === undefined || !level.has(parent)) continue
      const node = nodeByKey(graph, key)
      const path = `${paths.get(parent)}/${was?.place?.slug ?? node?.slug}`
      const { propsText, slug } = editable(op, node, path)
      found.set(key, { key, parent, slug: was?.place?.slug ?? slug, props: was?.props ?? propsText })
      paths.set(key, path)
      next.add(key)
    }
    level = next
  }
  return found
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
