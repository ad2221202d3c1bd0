import { type K, type ParamsOf, READ } from "@portico/schema"
import type { EdgeView, NodeView } from "../../Kernel.ts"
import type { Position } from "../cursor.ts"
import { ask, keepsNode } from "../query/ask.ts"
import { type Budget, visitedBudget } from "../query/Budget.ts"
import type { EdgeType } from "../schema/types.ts"
import { hasParent, instanceOf } from "../schema/wellKnown.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, nodesByKey, viewOf } from "../store/nodes.ts"
import { defaultLimit } from "./children.ts"
import { type End, endsOf, type Run, runsOf, start } from "./edgeRuns.ts"
import { edgeView } from "./edgeView.ts"
import { edgeBetween, noEdge } from "./link.ts"
import { type Op, slugParam } from "./Op.ts"
import { scanBudget } from "./scan.ts"
import { edgeClassToRead } from "./types.ts"

/** An edge whose other end the caller may READ. */
export interface Seen {
  readonly end: End
  readonly edge: EdgeView
  readonly other: NodeRecord
}

/**
 * `X::getLinks`. Without `edgeClass` these are the edges that are kept as such; `has_parent` and `instance_of`, which
 * every node has, are answered where they are asked for by name. An edge to a node that the caller may not READ is
 * passed over before it counts.
 */
export const getLinks = (op: Op, self: NodeRecord, params: ParamsOf<typeof K.Node.getLinks>) => {
  const { limit = defaultLimit, direction = "out" } = params
  const type = params.edgeClass === undefined ? undefined : edgeClassToRead(op, params.edgeClass)
  const scope = () => JSON.stringify(["getLinks", self.id, type?.ref ?? null, direction])
  const from = params.cursor === undefined ? undefined : op.readCursor(scope(), params.cursor)
  const { seen, next } = page(op, self, runsOf(op.graph, self, type, direction), limit, from)
  return {
    edges: seen.map(({ edge }) => edge),
    ...(params.with === "nodes" ? { nodes: others(op, seen) } : undefined),
    ...(next === undefined ? undefined : { next: op.signCursor(scope(), next) })
  }
}

/** Edges that are read in one go, the first time, where all are wanted, and later. */
const [firstChunk, chunk] = [100, 500]

const others = (op: Op, seen: ReadonlyArray<Seen>): ReadonlyArray<NodeView> =>
  [...new Map(seen.map(({ other }) => [other.key, other])).values()].map((node) => viewOf(op.graph, node))

const page = (
  op: Op,
  self: NodeRecord,
  runs: ReadonlyArray<Run>,
  limit: number,
  from: Position | undefined
): { readonly seen: ReadonlyArray<Seen>; readonly next?: Position } => {
  const seen: Array<Seen> = []
  let budget = scanBudget
  for (const run of runs) {
    const place = [run.side === "out" ? 0 : 1, run.type.key]
    if (from !== undefined && isBefore(place, from)) continue
    let after = from !== undefined && !isBefore(from, place) ? from.slice(2) : start
    let want = limit + 1 - seen.length
    for (let [more, passed] = [true, false]; more; passed = true) {
      const ends = endsOf(op.graph, self, run, after, want)
      more = ends.length === want
      // Where many are passed over, they are looked up all at once, so that each costs little.
      if (passed) lookUp(op, ends)
      want = Math.min(Math.max(want * 2, firstChunk), chunk)
      for (const end of ends) {
        const shown = show(op, self, run, end)
        if (shown !== undefined && seen.length === limit) return { seen, next: [...place, ...after] }
        if (shown !== undefined) seen.push(shown)
        after = end.at
        if (--budget === 0) return { seen, next: [...place, ...after] }
      }
    }
  }
  return { seen }
}

/** `X::countLinks`: those that `getLinks` would answer, and whose other end is what is asked for. */
export const countLinks = (op: Op, self: NodeRecord, params: ParamsOf<typeof K.Node.countLinks>) => {
  const { direction = "out", edgeClass } = params
  const type = edgeClass === undefined ? undefined : edgeClassToRead(op, edgeClass)
  const asking = ask(op, params)
  const runs = runsOf(op.graph, self, type, direction)
  let count = 0
  for (const { seen } of linksFrom(op, self, runs, undefined, visitedBudget(op.tools.limits.visited))) {
    if (keepsNode(op, asking, seen.other)) count++
  }
  return { count }
}

/** Every edge of some runs behind a position whose other end the caller may READ, and where each is. */
export function* linksFrom(
  op: Op,
  self: NodeRecord,
  runs: ReadonlyArray<Run>,
  from: Position | undefined,
  budget: Budget
): Generator<{ readonly seen: Seen; readonly at: Position }> {
  for (const run of runs) {
    const place = [run.side === "out" ? 0 : 1, run.type.key]
    if (from !== undefined && isBefore(place, from)) continue
    let after = from !== undefined && !isBefore(from, place) ? from.slice(2) : start
    for (let size = firstChunk; ; size = chunk) {
      const ends = endsOf(op.graph, self, run, after, size)
      budget.spend(ends.length)
      lookUp(op, ends)
      for (const end of ends) {
        const seen = show(op, self, run, end)
        if (seen !== undefined) yield { seen, at: [...place, ...end.at] }
      }
      const last = ends[ends.length - 1]
      if (last === undefined || ends.length < size) break
      after = last.at
    }
  }
}

/** Reads the nodes at the other ends, so that none has to be read by itself. */
const lookUp = (op: Op, ends: ReadonlyArray<End>): void => {
  nodesByKey(
    op.graph,
    ends.map(({ other }) => other)
  )
}

/** Whether the run at `a` comes before the one that `b` is in. */
const isBefore = (a: Position, b: Position): boolean => {
  const [sideA = 0, classA = 0] = a
  const [sideB = 0, classB = 0] = b
  return sideA < sideB || (sideA === sideB && classA < classB)
}

const show = (op: Op, self: NodeRecord, run: Run, end: End): Seen | undefined => {
  const other = nodeByKey(op.graph, end.other)
  if (other === undefined || !op.canRead(other) || (run.skipSelf && other.key === self.key)) return undefined
  const out = run.side === "out" || run.type.contract.symmetric
  return { end, other, edge: out ? edgeView(run.type.ref, self, other, end) : edgeView(run.type.ref, other, self, end) }
}

/** `X::getLink`: the edge of a class to one other node. */
export const getLink = (op: Op, self: NodeRecord, params: ParamsOf<typeof K.Node.getLink>): EdgeView => {
  const type = edgeClassToRead(op, params.edgeClass)
  const target = op.node(params.target, READ, "param")
  const slug = params.slug === undefined ? "" : slugParam(params.slug)
  const edge = derived(type, self, target) ?? edgeBetween(op.graph, type, self, target, slug)
  return edge === undefined ? noEdge(type) : edgeView(type.ref, self, target, edge)
}

/** The edges that are columns of a node's row. */
const derived = (type: EdgeType, self: NodeRecord, target: NodeRecord) => {
  const holds =
    (type.ref === hasParent && self.parent === target.key) || (type.ref === instanceOf && self.classKey === target.key)
  return holds ? { slug: "", props: {}, rev: self.rev } : undefined
}
