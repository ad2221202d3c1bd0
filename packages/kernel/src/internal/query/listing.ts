import { PorticoError } from "@portico/schema"
import type { ClassType, TypeInfo } from "../schema/types.ts"
import type { Graph } from "../store/Graph.ts"
import { indexListsOf } from "../store/indexRows.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { isInTree } from "../store/places.ts"
import { Budget, type QueryLimits } from "./Budget.ts"
import { compareText } from "./codePoints.ts"
import { readerOf } from "./fields.ts"
import { conjuncts, type Filter, holds } from "./filter.ts"
import type { ListedRun, Listing } from "./page.ts"
import type { OrderBy } from "./parseFilter.ts"
import { type IndexPlan, planIndex, suggestIndex, type Tests } from "./plan.ts"
import { anySlug, fixedRun, indexRun, placeKey, placeRun, type Slugs, sortKeyOf } from "./runs.ts"
import { compareBy } from "./sort.ts"

/** What is to be listed. */
export interface Asked {
  /** Classes of the nodes; undefined for any. */
  readonly types: ReadonlyArray<ClassType> | undefined
  /** Keys of the nodes whose children are listed, in ascending order; undefined for nodes of the classes anywhere. */
  readonly parents: ReadonlyArray<number> | undefined
  /** Nodes of the classes that are wanted besides: they are in none of the parents. */
  readonly besides?: ReadonlyArray<NodeRecord>
  readonly filter: Filter
  readonly order: ReadonlyArray<OrderBy>
}

/** How it is listed. */
export interface Planned extends Listing {
  /** Names the order of the pages, so that a cursor of one order is not taken for another. */
  readonly orderName: string
  /** Whether every run is a stretch of an index of values. */
  readonly indexed: boolean
  /** What a `where` may look at that leads to nothing, and what is said when that is not enough. */
  readonly budget: (limits: QueryLimits) => Budget
}

interface TypePlan {
  readonly type: ClassType | undefined
  readonly plan: IndexPlan | undefined
}

/** Plans a listing: which runs to read, and in which order they come. */
export const planListing = (graph: Graph, asked: Asked): Planned => {
  const { types, filter, order, parents } = asked
  const tests = conjuncts(filter)
  const plans: ReadonlyArray<TypePlan> =
    types === undefined
      ? [{ type: undefined, plan: undefined }]
      : types.map((type) => ({ type, plan: planIndex(tests, order, indexListsOf(graph, type)) }))
  const serves = commonOrder(plans)
  const places = serves === undefined && isByPlace(order, parents)
  const descending = order[0]?.descending ?? false
  const slugs = slugsOf(tests)
  const runsBelow = (parent: number | undefined): ReadonlyArray<ListedRun> =>
    plans.flatMap(({ plan, type }): ReadonlyArray<ListedRun> => {
      if (plan === undefined) {
        const run = placeRun(graph, { classKey: type?.key, parent }, slugs, places && descending)
        return [{ run, ordered: places }]
      }
      const comesIn = serves ?? plan.serves ?? behind(plan)
      return plan.stretches.map((stretch) => ({
        run: indexRun(graph, plan.list, parent, stretch, comesIn),
        ordered: serves !== undefined
      }))
    })
  const by = serves ?? order
  const keyOf = places ? placeKey : (node: NodeRecord) => sortKeyOf(graph, node, by)
  const ways = places ? [descending] : by.map((each) => each.descending)
  const extra = fixedRun(asked.besides ?? [], keyOf, compareBy(ways))
  const below = (parents ?? [undefined]).map(runsBelow)
  return {
    groups: asked.besides === undefined ? below : [[{ run: extra, ordered: true }], ...below],
    // Places are in the order of parents, and these come in theirs.
    inTurn: places && asked.besides === undefined,
    // What a class has anywhere it has in the trash as well.
    keeps: (node) => holds(filter, readerOf(graph, node)) && (parents !== undefined || isInTree(graph, node)),
    keyOf,
    descending: ways,
    orderName: places ? `place ${descending}` : JSON.stringify(by),
    indexed: plans.every(({ plan }) => plan !== undefined),
    budget: ({ scan }) => new Budget(scan, () => refuseScan(scan, types, tests, order))
  }
}

/** The order that every class's index comes in, if they all come in the same. */
const commonOrder = (plans: ReadonlyArray<TypePlan>): ReadonlyArray<OrderBy> | undefined => {
  const first = plans[0]?.plan?.serves
  const name = JSON.stringify(first)
  return first !== undefined && plans.every(({ plan }) => JSON.stringify(plan?.serves) === name) ? first : undefined
}

/** Whether an order is that of places: none was asked for, or that of the slugs below one parent. */
const isByPlace = (order: ReadonlyArray<OrderBy>, parents: Asked["parents"]): boolean =>
  order.length === 0 || (order[0]?.field.key === "slug" && parents?.length === 1)

/** The columns of an index that are read for their values and not for their order. */
const behind = ({ list, stretches }: IndexPlan): ReadonlyArray<OrderBy> =>
  stretches.length === 0 ? [] : list.keys.map((key) => ({ field: { kind: "prop", key }, descending: false }))

/** The slugs that tests leave. No slug has a character below U+0020 in it. */
const slugsOf = (tests: Tests): Slugs => {
  let { lower, upper } = anySlug
  const above = (slug: string) => {
    if (compareText(slug, lower) > 0) lower = slug
  }
  const below = (slug: string) => {
    if (compareText(slug, upper) < 0) upper = slug
  }
  for (const { op, value } of tests.get("slug") ?? []) {
    // A database may not take U+0000, which no slug has.
    if (typeof value !== "string" || value.includes("\u0000")) continue
    if (op === "eq" || op === "gte" || op === "startsWith") above(value)
    if (op === "gt") above(`${value}\u0001`)
    if (op === "lt") below(value)
    if (op === "lte" || op === "eq") below(`${value}\u0001`)
    if (op === "startsWith") below(`${value}\u{10ffff}`)
  }
  return { lower, upper }
}

const refuseScan = (
  max: number,
  types: ReadonlyArray<TypeInfo> | undefined,
  tests: Tests,
  order: ReadonlyArray<OrderBy>
): never => {
  const index = suggestIndex(tests, order)
  const [type] = types ?? []
  const of = types?.length === 1 && type !== undefined ? { class: type.ref } : undefined
  const advice =
    index.length === 0
      ? "no index can serve it; ask for less"
      : `an index of ${of?.class ?? "the class"} on ${JSON.stringify(index)} would serve it`
  throw PorticoError.make("LIMIT_EXCEEDED", `this looks at more than ${max} nodes: ${advice}`, {
    limit: "scan",
    max,
    index,
    ...of
  })
}
