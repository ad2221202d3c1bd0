import type { Op } from "../ops/Op.ts"
import { isKernelRef } from "../schema/wellKnown.ts"
import { type EdgeRecord, edgesBehind, edgesFromAny } from "../store/edges.ts"
import { nodesByKey } from "../store/nodes.ts"
import type { KeySet } from "./KeySet.ts"

/** Where a walk over edges is: at the nodes from a key on, or among those of one node. */
export interface EdgePlace {
  readonly from: number
  readonly within?: Pick<EdgeRecord, "classKey" | "target" | "slug">
}

/** One step of a walk over the edges of what is exported. */
export interface EdgePage {
  readonly edges: ReadonlyArray<EdgeRecord>
  /** Where the walk goes on; undefined at its end. */
  readonly next: EdgePlace | undefined
}

/** Nodes whose edges are read at once: fewer where these are more than a page. */
const sizes = [50, 10, 2] as const

const pageEdges = 500

/** The next edges that start at exported nodes, without those of the kernel, which only its own operations make. */
export const edgePage = (op: Op, done: KeySet, { from, within }: EdgePlace): EdgePage => {
  const sources = done.from(from, sizes[0])
  const [first] = sources
  if (first === undefined) return { edges: [], next: undefined }
  for (const size of within === undefined ? sizes : []) {
    const some = sources.slice(0, size)
    const edges = edgesFromAny(op.graph, some, pageEdges + 1)
    if (edges.length > pageEdges) continue
    return { edges: wanted(op, [...edges].sort(inOrder)), next: { from: (some[some.length - 1] ?? first) + 1 } }
  }
  const edges = edgesBehind(op.graph, first, within ?? { classKey: 0, target: 0, slug: "" }, pageEdges)
  const end = edges[edges.length - 1]
  const next = edges.length < pageEdges || end === undefined ? { from: first + 1 } : { from: first, within: end }
  return { edges: wanted(op, edges), next }
}

const wanted = (op: Op, edges: ReadonlyArray<EdgeRecord>): ReadonlyArray<EdgeRecord> => {
  // All at once, so that none has to be looked up by itself.
  nodesByKey(op.graph, [...new Set(edges.flatMap(({ source, target }) => [source, target]))])
  return edges.filter(({ classKey }) => !isKernelRef(op.graph.schema.refOf(op.graph, classKey)))
}

const inOrder = (a: EdgeRecord, b: EdgeRecord): number =>
  a.source - b.source || a.classKey - b.classKey || a.target - b.target || (a.slug < b.slug ? -1 : 1)
