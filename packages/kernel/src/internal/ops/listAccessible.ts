import { type K, type ParamsOf, READ, SHARE } from "@portico/schema"
import type { Standing } from "../permission/Standing.ts"
import { topsOf } from "../permission/tops.ts"
import { implementersOf } from "../schema/implementers.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { comparePlaces, isPlaceUnder, preorder } from "../store/preorder.ts"
import { askedAbout } from "./asked.ts"
import { defaultLimit } from "./children.ts"
import { type Op, permsParam } from "./Op.ts"
import { scanBudget } from "./scan.ts"
import { filterType } from "./types.ts"

type Params = ParamsOf<typeof K.Identity.listAccessible>
export type Place = ReadonlyArray<string>

export interface Top {
  readonly node: NodeRecord
  readonly place: Place
}

/**
 * `Identity:listAccessible`. It begins at the highest nodes that qualify and walks what is below them, in the order of
 * paths; so nothing that is hidden is met on the way. About another identity it tells of the nodes where the asker may
 * manage grants.
 */
export const listAccessible = (op: Op, params: Params) => {
  const { limit = defaultLimit } = params
  const perms = permsParam(params.perms)
  const { own, standing } = askedAbout(op, params.identity)
  const under = params.under === undefined ? undefined : op.node(params.under, READ, "param")
  const classes = classesOf(op, params.class)
  const scope = JSON.stringify(["listAccessible", params.identity ?? null, perms, params.under ?? null, params.class])
  const asked: ReadonlyArray<readonly [Standing, number]> = own
    ? [[standing, perms]]
    : [
        [standing, perms],
        [op.standing, READ | SHARE]
      ]
  const tops = within(op, topsOf(op.graph, asked), under)
  const after = op.readCursor(scope, params.cursor)?.map(String)
  const { nodes, next } = page(op, walk(op, tops, after), classes, limit)
  return {
    nodes: nodes.map((node) => ({ id: node.id, path: op.path(node) })),
    ...(next === undefined ? undefined : { next: op.signCursor(scope, next) })
  }
}

const classesOf = (op: Op, text: string | undefined): ReadonlySet<number> | undefined =>
  text === undefined ? undefined : new Set(implementersOf(op.graph, filterType(op, text)))

export const placeOf = (op: Op, node: NodeRecord): Place => (node.parent === 0 ? [] : op.path(node).slice(1).split("/"))

/** What of the tops is in one subtree, in the order of paths. */
export const within = (op: Op, tops: ReadonlyArray<NodeRecord>, under: NodeRecord | undefined): ReadonlyArray<Top> => {
  const all = tops.map((node) => ({ node, place: placeOf(op, node) }))
  if (under === undefined) return all.sort((a, b) => comparePlaces(a.place, b.place))
  const place = placeOf(op, under)
  if (all.some((top) => isPlaceUnder(place, top.place))) return [{ node: under, place }]
  return all.filter((top) => isPlaceUnder(top.place, place)).sort((a, b) => comparePlaces(a.place, b.place))
}

export function* walk(op: Op, tops: ReadonlyArray<Top>, after: Place | undefined): Generator<NodeRecord> {
  for (const { node, place } of tops) {
    if (after === undefined) yield* preorder(op.graph, node)
    else if (isPlaceUnder(after, place)) yield* preorder(op.graph, node, after.slice(place.length))
    else if (comparePlaces(place, after) > 0) yield* preorder(op.graph, node)
  }
}

const page = (
  op: Op,
  nodes: Iterable<NodeRecord>,
  classes: ReadonlySet<number> | undefined,
  limit: number
): { readonly nodes: ReadonlyArray<NodeRecord>; readonly next?: Place } => {
  const found: Array<NodeRecord> = []
  let last: NodeRecord | undefined
  let budget = scanBudget
  for (const node of nodes) {
    const fits = classes === undefined || classes.has(node.classKey)
    if (last !== undefined && ((fits && found.length === limit) || budget === 0)) {
      return { nodes: found, next: placeOf(op, last) }
    }
    if (fits) found.push(node)
    last = node
    budget--
  }
  return { nodes: found }
}
