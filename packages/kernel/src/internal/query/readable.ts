import { K, READ } from "@portico/schema"
import type { Op } from "../ops/Op.ts"
import { classOf } from "../ops/types.ts"
import { topsOf } from "../permission/tops.ts"
import type { ClassType } from "../schema/types.ts"
import { schemaClasses } from "../schema/wellKnown.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { rootKey } from "../store/nodes.ts"
import type { Budget } from "./Budget.ts"

/**
 * The nodes at the top of all that the caller may READ. Whatever starts here comes by nothing hidden, and so takes
 * neither longer nor more room for it.
 */
export const readableTops = (op: Op): ReadonlyArray<NodeRecord> => topsOf(op.graph, [[op.standing, READ]])

/** Classes of nodes that are below an installed domain; what installs write there is of no other. */
const inSchemas: ReadonlySet<string> = new Set([...schemaClasses, K.Folder.ref])

/**
 * The tops below which nodes of some classes may be. Whoever shows a credential may READ most schemas, and these are
 * not gone through for what cannot be in them.
 */
export const topsFor = (
  op: Op,
  tops: ReadonlyArray<NodeRecord>,
  types: ReadonlyArray<ClassType>
): ReadonlyArray<NodeRecord> => {
  if (types.some(({ ref }) => inSchemas.has(ref))) return tops
  return tops.filter((node) => node.key === rootKey || !schemaClasses.has(classOf(op.graph, node).ref))
}

/** Keys of these nodes and of those below them that something is in, in ascending order. */
export const innerKeys = (graph: Graph, tops: ReadonlyArray<NodeRecord>, budget: Budget): ReadonlyArray<number> => {
  const found = tops.map(({ key }) => key)
  const select = graph.conn.prepare(
    `SELECT key FROM nodes WHERE holds = 1 AND parent IN ${graph.sql.numbers("?")} LIMIT ?`
  )
  for (let level: ReadonlyArray<number> = found.slice(); level.length > 0; ) {
    const rows = select.all(JSON.stringify(level), budget.left + 1)
    budget.spend(rows.length)
    level = rows.map(({ key }) => Number(key))
    found.push(...level)
  }
  return found.sort((a, b) => a - b)
}
