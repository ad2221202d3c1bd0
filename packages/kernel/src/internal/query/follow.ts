import type { QueryStep } from "@portico/schema"
import type { EdgeView } from "../../Kernel.ts"
import type { Position } from "../cursor.ts"
import { defaultLimit } from "../ops/children.ts"
import { runsOf } from "../ops/edgeRuns.ts"
import { linksFrom } from "../ops/links.ts"
import type { Op } from "../ops/Op.ts"
import { edgeClassToRead } from "../ops/types.ts"
import type { EdgeType } from "../schema/types.ts"
import { hasParent } from "../schema/wellKnown.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { type Asking, ask, keepsNode } from "./ask.ts"
import type { Budget } from "./Budget.ts"
import { planListing } from "./listing.ts"
import { countListed, readPage } from "./page.ts"
import { sortKeyOf } from "./runs.ts"
import { compareBy, type SortKey } from "./sort.ts"
import { scopeOf } from "./startNodes.ts"

/** A node that a step leads to. */
export interface Reached {
  readonly node: NodeRecord
  /** How many edges lead there. */
  readonly depth: number
  /** The last of them; none to a child or to the parent. */
  readonly edge: EdgeView | undefined
}

/** What a step leads to from one node: a page of it. */
export interface Group {
  readonly from: NodeRecord
  readonly to: ReadonlyArray<Reached>
  readonly count?: number
  readonly next?: string
}

/** A step, checked. */
export interface Stepping {
  readonly step: QueryStep
  readonly type: EdgeType | undefined
  readonly dir: "out" | "in" | "both"
  readonly depth: number
  readonly asking: Asking
}

/** Checks a step; `at` is where it stands in the params. */
export const stepping = (op: Op, step: QueryStep, at: ReadonlyArray<string | number>): Stepping => {
  const { depth = 1, edge } = step
  const asking = ask(op, step, at)
  const parts = { step, depth, asking }
  if (edge === "children" || edge === "parent") {
    return { ...parts, type: parentType(op.graph), dir: edge === "children" ? "in" : "out" }
  }
  return { ...parts, type: edge === undefined ? undefined : edgeClassToRead(op, edge), dir: step.dir ?? "out" }
}

/** Named by none who asks for children: whoever may READ a node may follow it, whatever they may READ of the schema. */
const parentType = (graph: Graph): EdgeType => {
  const type = graph.schema.type(graph, hasParent)
  if (type?.kind !== "edge") throw new Error("the schema of the kernel has no has_parent")
  return type
}

/** Follows a step from one node. */
export const follow = (op: Op, from: NodeRecord, stepping: Stepping, visited: Budget): Group => {
  const { asking, depth, dir, step, type } = stepping
  if (depth === 1 && type?.ref === hasParent && dir === "in") return children(op, from, stepping, visited)
  if (depth === 1 && asking.order.length === 0) return inEdgeOrder(op, from, stepping, visited)
  const all = depth === 1 ? neighbours(op, from, stepping, visited) : [...within(op, from, stepping, visited)]
  const { order } = asking
  const entries = all
    .filter(({ node }) => keepsNode(op, asking, node))
    .map((reached) => ({ reached, at: placeOf(op, reached, order) }))
  const compare = compareBy(order.length === 0 ? [false] : order.map(({ descending }) => descending))
  entries.sort((a, b) => compare(a.at, b.at))
  const scope = scopeFor(from, step, JSON.stringify(order))
  const after = op.readCursor(scope, step.page?.cursor)
  const rest = after === undefined ? entries : entries.filter(({ at }) => compare(at, after) > 0)
  const limit = step.page?.limit ?? defaultLimit
  const shown = rest.slice(0, limit)
  const last = shown[shown.length - 1]
  return {
    from,
    to: shown.map(({ reached }) => reached),
    ...(step.count === true ? { count: entries.length } : undefined),
    ...(rest.length > limit && last !== undefined ? { next: op.signCursor(scope, last.at) } : undefined)
  }
}

const scopeFor = (from: NodeRecord, step: QueryStep, order: string): string =>
  JSON.stringify(["step", from.id, scopeOf(step), order])

/** The nearest first, unless another order is asked for; several edges to one node by what tells them apart. */
const placeOf = (op: Op, { depth, edge, node }: Reached, order: Asking["order"]): SortKey => {
  const own = [edge?.class ?? "", edge?.source === node.id ? 1 : 0, edge?.slug ?? ""]
  return order.length === 0 ? [depth, node.key, ...own] : [...sortKeyOf(op.graph, node, order), ...own]
}

/** Children are listed as `listChildren` does it, with whatever index serves. */
const children = (op: Op, from: NodeRecord, { asking, step }: Stepping, visited: Budget): Group => {
  const { limit = defaultLimit, cursor } = step.page ?? {}
  const planned = planListing(op.graph, { ...asking, parents: [from.key] })
  const scope = scopeFor(from, step, planned.orderName)
  const page = readPage(planned, op.readCursor(scope, cursor), limit, planned.budget(op.tools.limits), visited)
  const shown = page.slice(0, limit)
  const last = shown[shown.length - 1]
  return {
    from,
    to: shown.map(({ node }) => ({ node, depth: 1, edge: undefined })),
    ...(step.count === true
      ? { count: countListed(planned, planned.indexed ? visited : planned.budget(op.tools.limits)) }
      : undefined),
    ...(page.length > limit && last !== undefined ? { next: op.signCursor(scope, last.at) } : undefined)
  }
}

/** Edges in the order in which they are kept, from where the page before ended, and no further than a page. */
const inEdgeOrder = (op: Op, from: NodeRecord, stepping: Stepping, visited: Budget): Group => {
  const { asking, dir, step, type } = stepping
  const runs = runsOf(op.graph, from, type, dir)
  const scope = scopeFor(from, step, "edges")
  const limit = step.page?.limit ?? defaultLimit
  const to: Array<Reached> = []
  let [last, more]: [Position | undefined, boolean] = [undefined, false]
  for (const { at, seen } of linksFrom(op, from, runs, op.readCursor(scope, step.page?.cursor), visited)) {
    if (!keepsNode(op, asking, seen.other)) continue
    more = to.length === limit
    if (more) break
    to.push({ node: seen.other, depth: 1, edge: shownEdge(type, seen.edge) })
    last = at
  }
  let count: number | undefined
  if (step.count === true) {
    count = 0
    for (const { seen } of linksFrom(op, from, runs, undefined, visited)) {
      if (keepsNode(op, asking, seen.other)) count++
    }
  }
  return {
    from,
    to,
    ...(count === undefined ? undefined : { count }),
    ...(more && last !== undefined ? { next: op.signCursor(scope, last) } : undefined)
  }
}

/** That a child is in its parent is told by the paths of both. */
const shownEdge = (type: EdgeType | undefined, edge: EdgeView): EdgeView | undefined =>
  type?.ref === hasParent ? undefined : edge

const neighbours = (op: Op, from: NodeRecord, { dir, type }: Stepping, visited: Budget): ReadonlyArray<Reached> => {
  const found: Array<Reached> = []
  for (const { seen } of linksFrom(op, from, runsOf(op.graph, from, type, dir), undefined, visited)) {
    found.push({ node: seen.other, depth: 1, edge: shownEdge(type, seen.edge) })
  }
  return found
}

/** Every node that at most `depth` edges lead to, the nearest first, each once and by one of the shortest ways. */
function* within(op: Op, from: NodeRecord, stepping: Stepping, visited: Budget): Generator<Reached> {
  const seen = new Set([from.key])
  let level: ReadonlyArray<NodeRecord> = [from]
  for (let depth = 1; depth <= stepping.depth && level.length > 0; depth++) {
    const next: Array<NodeRecord> = []
    for (const node of level) {
      for (const reached of neighbours(op, node, stepping, visited)) {
        if (seen.has(reached.node.key)) continue
        seen.add(reached.node.key)
        next.push(reached.node)
        yield { ...reached, depth }
      }
    }
    level = next
  }
}
