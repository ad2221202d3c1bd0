import { K, type Order, type Where } from "@portico/schema"
import type { Op } from "../ops/Op.ts"
import { filterType } from "../ops/types.ts"
import { implementersOf } from "../schema/implementers.ts"
import type { ClassType, TypeInfo } from "../schema/types.ts"
import { indexListsOf } from "../store/indexRows.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { ownerOf, readerOf, resolverFor } from "./fields.ts"
import { conjuncts, type Filter, holds, needsPresence } from "./filter.ts"
import type { Asked } from "./listing.ts"
import { parseFilter, parseOrder, type Resolve } from "./parseFilter.ts"

/** What params say of the nodes that are wanted. */
export interface Wanted {
  readonly class?: string | undefined
  readonly where?: Where | undefined
  readonly order?: Order | undefined
}

/** What was asked, checked. */
export interface Asking extends Pick<Asked, "types" | "filter" | "order"> {
  readonly resolve: Resolve
}

/** The checked `class`, `where` and `order` of a call; `at` is where they stand in its params. */
export const ask = (op: Op, wanted: Wanted, at: ReadonlyArray<string | number> = []): Asking => {
  const type = wanted.class === undefined ? undefined : filterType(op, wanted.class)
  const resolve = resolverFor(op, type)
  const filter = parseFilter(wanted.where, resolve, [...at, "where"])
  const order = parseOrder(wanted.order, resolve, [...at, "order"])
  if (type?.ref === K.Node.ref) return { types: undefined, filter, order, resolve }
  const types = type === undefined ? impliedClasses(op, filter) : classesOf(op, type)
  return { types, filter, order, resolve }
}

/** Whether a node is what was asked for. */
export const keepsNode = (op: Op, { filter, types }: Asking, node: NodeRecord): boolean =>
  (types === undefined || types.some(({ key }) => key === node.classKey)) && holds(filter, readerOf(op.graph, node))

/** The node classes that fit a class or interface. */
export const classesOf = (op: Op, type: TypeInfo): ReadonlyArray<ClassType> =>
  implementersOf(op.graph, type).flatMap((key) => {
    const found = op.graph.schema.typeByKey(op.graph, key)
    return found?.kind === "class" ? [found] : []
  })

/** Classes that are looked through one by one only because one of them may have an index. */
const maxImplied = 32

/** Where a property has to be there, only nodes of whatever declares it are wanted, and these may have an index. */
const impliedClasses = (op: Op, filter: Filter): ReadonlyArray<ClassType> | undefined => {
  for (const [key, tests] of conjuncts(filter)) {
    const owner =
      key.includes(":") && tests.some(needsPresence) ? op.graph.schema.type(op.graph, ownerOf(key)) : undefined
    const classes = owner === undefined ? [] : classesOf(op, owner)
    const isIndexed = classes.some((type) => indexListsOf(op.graph, type).some((list) => list.keys.includes(key)))
    if (isIndexed && classes.length <= maxImplied) return classes
  }
  return undefined
}
