import type { K, ParamsOf } from "@portico/schema"
import type { NodeView } from "../../Kernel.ts"
import { ask } from "../query/ask.ts"
import { visitedBudget } from "../query/Budget.ts"
import { type Asked, planListing } from "../query/listing.ts"
import { countListed, readPage } from "../query/page.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodesOf, viewOf } from "../store/nodes.ts"
import type { Op } from "./Op.ts"

type Params = ParamsOf<typeof K.Node.listChildren>

export const defaultLimit = 100

const byParent = "parent = ? AND slug > ? ORDER BY slug LIMIT ?"

/**
 * `X::listChildren`: by slug, unless an order is asked for. Whoever may READ a node may READ what is below it, since
 * nothing is ever denied; so a page is read straight off an index and nothing hidden is passed over.
 */
export const listChildren = (op: Op, self: NodeRecord, params: Params) => {
  const isPlain = params.class === undefined && params.where === undefined && params.order === undefined
  return isPlain ? plainPage(op, self, params) : askedPage(op, self, params)
}

const plainPage = (op: Op, self: NodeRecord, params: Params) => {
  const { limit = defaultLimit } = params
  const scope = JSON.stringify(["listChildren", self.id])
  const after = String(op.readCursor(scope, params.cursor)?.[0] ?? "")
  const page = nodesOf(op.graph, byParent, self.key, after, limit + 1)
  const nodes = page.slice(0, limit)
  const last = nodes[nodes.length - 1]
  if (page.length <= limit || last === undefined) return { nodes: views(op, nodes) }
  return { nodes: views(op, nodes), next: op.signCursor(scope, [last.slug]) }
}

const askedPage = (op: Op, self: NodeRecord, params: Params) => {
  const { limit = defaultLimit, cursor, ...wanted } = params
  const planned = planListing(op.graph, { ...ask(op, wanted), parents: [self.key] })
  const scope = JSON.stringify(["listChildren", self.id, wanted, planned.orderName])
  const page = readPage(planned, op.readCursor(scope, cursor), limit, planned.budget(op.tools.limits))
  const shown = page.slice(0, limit)
  const last = shown[shown.length - 1]
  const nodes = views(
    op,
    shown.map(({ node }) => node)
  )
  return page.length <= limit || last === undefined ? { nodes } : { nodes, next: op.signCursor(scope, last.at) }
}

/** `X::countChildren`. */
export const countChildren = (op: Op, self: NodeRecord, params: ParamsOf<typeof K.Node.countChildren>) => {
  const asked = ask(op, params)
  if (params.where === undefined) return { count: countPlain(op, self, asked.types) }
  const planned = planListing(op.graph, { ...asked, parents: [self.key] })
  const { limits } = op.tools
  const budget = planned.indexed ? visitedBudget(limits.visited) : planned.budget(limits)
  return { count: countListed(planned, budget) }
}

const countPlain = (op: Op, self: NodeRecord, types: Asked["types"]): number => {
  const { conn } = op.graph
  if (types === undefined)
    return Number(conn.prepare("SELECT count(*) AS n FROM nodes WHERE parent = ?").get(self.key)?.n)
  const select = conn.prepare("SELECT count(*) AS n FROM nodes WHERE class = ? AND parent = ?")
  return types.reduce((sum, { key }) => sum + Number(select.get(key, self.key)?.n), 0)
}

const views = (op: Op, nodes: ReadonlyArray<NodeRecord>): ReadonlyArray<NodeView> =>
  nodes.map((node) => viewOf(op.graph, node))

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
