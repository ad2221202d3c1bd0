import { PorticoError, type QueryStart, READ, type Shown } from "@portico/schema"
import { defaultLimit } from "../ops/children.ts"
import type { Op } from "../ops/Op.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { rootKey } from "../store/nodes.ts"
import { type Asking, keepsNode } from "./ask.ts"
import { type Budget, visitedBudget } from "./Budget.ts"
import { planListing } from "./listing.ts"
import { countListed, readPage } from "./page.ts"
import { innerKeys, readableTops, topsFor } from "./readable.ts"
import { sortKeyOf } from "./runs.ts"
import { allHits, searchPage, searchWords } from "./search.ts"
import { compareBy } from "./sort.ts"

/** A page of the nodes that a query starts at. */
export interface StartPage {
  readonly nodes: ReadonlyArray<NodeRecord>
  readonly count?: number
  readonly next?: string
}

const at = ["start"] as const

export const invalid = (path: ReadonlyArray<string | number>, message: string): never => {
  throw PorticoError.make("INVALID_PARAMS", `${path.join(".")}: ${message}`, {
    issues: [{ path, code: "query", message }]
  })
}

/** The nodes that a query starts at. */
export const startNodes = (op: Op, start: QueryStart, asking: Asking, visited: Budget): StartPage => {
  if (start.nodes !== undefined) return given(op, start, start.nodes, asking, visited)
  if (start.search !== undefined) return searched(op, start, start.search, asking, visited)
  if (start.under === undefined && start.class === undefined) {
    return invalid(at, "say where to start: nodes, under, class or search")
  }
  return found(op, start, asking, visited)
}

/** Nodes by their addresses: those that are what is asked for, in the order in which they were given. */
const given = (
  op: Op,
  start: QueryStart,
  addresses: ReadonlyArray<string>,
  asking: Asking,
  visited: Budget
): StartPage => {
  for (const other of ["under", "search", "page"] as const) {
    if (start[other] !== undefined) return invalid([...at, other], "not with nodes, which are all shown")
  }
  visited.spend(addresses.length)
  const nodes = [...new Set(addresses.map((address) => op.node(address, READ, "param")))].filter((node) =>
    keepsNode(op, asking, node)
  )
  const { order } = asking
  if (order.length > 0) {
    const compare = compareBy(order.map(({ descending }) => descending))
    nodes.sort((a, b) => compare(sortKeyOf(op.graph, a, order), sortKeyOf(op.graph, b, order)))
  }
  return { nodes, ...(start.count === true ? { count: nodes.length } : undefined) }
}

const fits = ({ types }: Asking, node: NodeRecord): boolean =>
  types === undefined || types.some(({ key }) => key === node.classKey)

/** Whether everything below Root is looked at, as one index of a class has it. */
const isEverywhere = (tops: ReadonlyArray<NodeRecord>): boolean => tops.some(({ key }) => key === rootKey)

const found = (op: Op, start: QueryStart, asking: Asking, visited: Budget): StartPage => {
  const { limit = defaultLimit, cursor } = start.page ?? {}
  const under = start.under === undefined ? undefined : op.node(start.under, READ, "param")
  const tops = under === undefined ? topsFor(op, readableTops(op), asking.types ?? []) : [under]
  const byClass = asking.types !== undefined && isEverywhere(tops)
  const planned = planListing(op.graph, {
    ...asking,
    parents: byClass ? undefined : innerKeys(op.graph, tops, visited),
    // What `under` names is not under itself; and nothing but the tops themselves is in no parent that is looked at.
    ...(under === undefined && !byClass ? { besides: tops.filter((node) => fits(asking, node)) } : undefined)
  })
  const scope = JSON.stringify(["query", scopeOf(start), planned.orderName])
  const budget = () => planned.budget(op.tools.limits)
  const page = readPage(planned, op.readCursor(scope, cursor), limit, budget(), visited)
  const shown = page.slice(0, limit)
  const last = shown[shown.length - 1]
  return {
    nodes: shown.map(({ node }) => node),
    ...(start.count === true
      ? { count: countListed(planned, planned.indexed ? visitedBudget(op.tools.limits.visited) : budget()) }
      : undefined),
    ...(page.length > limit && last !== undefined ? { next: op.signCursor(scope, last.at) } : undefined)
  }
}

const searched = (op: Op, start: QueryStart, text: string, asking: Asking, visited: Budget): StartPage => {
  const { limit = defaultLimit, cursor } = start.page ?? {}
  const words = searchWords(text)
  const under = start.under === undefined ? undefined : op.node(start.under, READ, "param")
  // The words of schemas are not kept.
  const tops = under === undefined ? topsFor(op, readableTops(op), []) : [under]
  const everywhere = isEverywhere(tops)
  const place = {
    parents: everywhere ? undefined : innerKeys(op.graph, tops, visited),
    besides: under === undefined && !everywhere ? tops : []
  }
  const scope = JSON.stringify(["search", scopeOf(start)])
  const after = op.readCursor(scope, cursor)
  if (words.length === 0) return { nodes: [], ...(start.count === true ? { count: 0 } : undefined) }
  const page = searchPage(op, start, asking, place, words, after, visited)
  const shown = page.slice(0, limit)
  const last = shown[shown.length - 1]
  return {
    nodes: shown.map(({ node }) => node),
    ...(start.count === true ? { count: allHits(op, asking, place, words, visited).length } : undefined),
    ...(page.length > limit && last !== undefined ? { next: op.signCursor(scope, last.at) } : undefined)
  }
}

/** What a page of a query depends on: all but the page itself and what is shown of it. */
export const scopeOf = (part: Shown): unknown => ({ ...part, page: undefined, props: undefined, count: undefined })
