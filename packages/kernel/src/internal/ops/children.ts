import type { K, ParamsOf } from "@portico/schema"
import type { NodeView } from "../../Kernel.ts"
import { implementersOf } from "../schema/implementers.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodesOf, viewOf } from "../store/nodes.ts"
import type { Op } from "./Op.ts"
import { filterType } from "./types.ts"

type Params = ParamsOf<typeof K.Node.listChildren>

export const defaultLimit = 100

const byParent = "parent = ? AND slug > ? ORDER BY slug LIMIT ?"
const byClass = "class = ? AND parent = ? AND slug > ? ORDER BY slug LIMIT ?"

/**
 * `X::listChildren`: by slug, or by class and slug where `class` is given. Whoever may READ a node may READ what is
 * below it, since nothing is ever denied; so a page is read straight off an index and nothing is filtered out of it.
 */
export const listChildren = (op: Op, self: NodeRecord, params: Params) => {
  const { limit = defaultLimit } = params
  const scope = JSON.stringify(["listChildren", self.id, params.class ?? null])
  const position = op.readCursor(scope, params.cursor)
  const page =
    params.class === undefined
      ? pageOf(op, self, limit, String(position?.[0] ?? ""))
      : pageByClass(op, self, params.class, limit, position)
  const nodes = page.slice(0, limit)
  const last = nodes[nodes.length - 1]
  if (page.length <= limit || last === undefined) return { nodes: views(op, nodes) }
  const next = params.class === undefined ? [last.slug] : [last.slug, last.classKey]
  return { nodes: views(op, nodes), next: op.signCursor(scope, next) }
}

const views = (op: Op, nodes: ReadonlyArray<NodeRecord>): ReadonlyArray<NodeView> =>
  nodes.map((node) => viewOf(op.graph, node))

const pageOf = (op: Op, self: NodeRecord, limit: number, after: string) =>
  nodesOf(op.graph, byParent, self.key, after, limit + 1)

const pageByClass = (
  op: Op,
  self: NodeRecord,
  text: string,
  limit: number,
  position: ReadonlyArray<string | number> | undefined
): ReadonlyArray<NodeRecord> => {
  const type = filterType(op, text)
  const [slug, classKey] = position ?? ["", 0]
  const found: Array<NodeRecord> = []
  for (const key of implementersOf(op.graph, type)) {
    if (key < Number(classKey) || found.length > limit) continue
    const after = key === classKey ? String(slug) : ""
    found.push(...nodesOf(op.graph, byClass, key, self.key, after, limit + 1 - found.length))
  }
  return found
}

/** `X::getTree`: the node and what is below it, level by level. */
export const getTree = (op: Op, self: NodeRecord, params: ParamsOf<typeof K.Node.getTree>) => {
  const { depth = 64, limit = defaultLimit } = params
  const found: Array<NodeRecord> = [self]
  let truncated = false
  let level: ReadonlyArray<NodeRecord> = [self]
  for (let down = 0; down < depth && level.length > 0 && !truncated; down++) {
    const below: Array<NodeRecord> = []
    for (const node of level) {
      const room = limit - found.length - below.length
      const children = nodesOf(op.graph, byParent, node.key, "", room + 1)
      below.push(...children.slice(0, room))
      truncated = children.length > room
      if (truncated) break
    }
    found.push(...below)
    level = below
  }
  return { nodes: views(op, found), truncated }
}
