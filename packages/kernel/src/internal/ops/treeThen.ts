import { step } from "@portico/gate/database"
import { EDIT, PorticoError, READ } from "@portico/schema"
import { Budget } from "../query/Budget.ts"
import type { Graph } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, preload } from "../store/nodes.ts"
import { leftSince, pastOf } from "../store/past.ts"
import { chainAsIf, trashRow, trashTop } from "../store/trash.ts"
import type { WriteOp } from "./Op.ts"

/** Nodes that are looked at in one go. */
const page = 500

/** How many times as many changes of place, of the whole store, are looked through. */
const movesFactor = 10

/** A node as it was below another. */
export interface NodeThen {
  readonly key: number
  readonly parent: number
  readonly slug: string
  /** The text of its props. */
  readonly props: string
}

const tooMany = (limit: string, max: number, what: string): never => {
  throw PorticoError.make("LIMIT_EXCEEDED", `one restore ${what} at most ${max}`, { limit, max })
}

/** How many nodes a restore may come by, those that are to be thrown out too. */
export const nodesBudget = (max: number): Budget =>
  new Budget(max, () => tooMany("nodes", max, "comes by, in nodes then and now,"))

/**
 * What was below a node after the change with this number, parents first. Refused where something of it is gone for good
 * or out of the caller's sight, which reads the same, or not theirs to EDIT.
 */
export function* treeThen(op: WriteOp, top: NodeRecord, number: number): Parts<ReadonlyMap<number, NodeThen>> {
  const max = op.tools.restoreNodes
  const maxMoves = max * movesFactor
  const left = yield* step(() => leftSince(op.graph, number, maxMoves))
  if (left === undefined) return tooMany("moves", maxMoves, "looks through, in changes of place,")
  const found = new Map<number, NodeThen>()
  const budget = nodesBudget(max)
  for (let above: ReadonlyMap<number, string> = new Map([[top.key, ""]]); above.size > 0; ) {
    const level = above
    const stayed = yield* childrenNow(op.graph, [...level.keys()], budget)
    const moved = [...level.keys()].flatMap((parent) => left.get(parent) ?? []).filter((key) => !stayed.has(key))
    const next = new Map<number, string>()
    for (const keys of pagesOf([...stayed.keys(), ...moved])) {
      for (const each of yield* step(() => among(op, keys, { above: level, stayed, number }))) {
        if (!stayed.has(each.key)) budget.spend(1)
        found.set(each.key, each)
        next.set(each.key, each.path)
      }
    }
    above = next
  }
  return found
}

/** Keys in lists that are looked at in one go. Pure. */
export const pagesOf = (keys: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: Math.ceil(keys.length / page) }, (_, n) => keys.slice(n * page, (n + 1) * page))

/** A level of the tree. */
interface Level {
  /** Keys of what is above, with their paths below the top. */
  readonly above: ReadonlyMap<number, string>
  /** What is below those now. */
  readonly stayed: ReadonlyMap<number, number>
  readonly number: number
}

/** Those of some nodes that were directly below the ones above, with their paths below the top. */
const among = (
  op: WriteOp,
  keys: ReadonlyArray<number>,
  { above, number, stayed }: Level
): ReadonlyArray<NodeThen & { readonly path: string }> => {
  const { graph } = op
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
export function* childrenNow(
  graph: Graph,
  parents: ReadonlyArray<number>,
  budget: Budget
): Parts<ReadonlyMap<number, number>> {
  const found = new Map<number, number>()
  const select = `SELECT key, parent, slug FROM nodes WHERE parent IN ${graph.sql.numbers("?1")}
    AND (parent, slug) > (?2, ?3) ORDER BY parent, slug LIMIT ?4`
  for (const among of pagesOf(parents)) {
    const list = JSON.stringify(among)
    let after: readonly [parent: number, slug: string] = [Number.MIN_SAFE_INTEGER, ""]
    for (let more = true; more; ) {
      const from = after
      const rows = yield* step(() => graph.conn.prepare(select).all(list, ...from, page))
      for (const { key, parent } of rows) found.set(Number(key), Number(parent))
      budget.spend(rows.length)
      const last = rows.at(-1)
      more = rows.length === page
      if (last !== undefined) after = [Number(last.parent), String(last.slug)]
    }
  }
  return found
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
