import type { Graph } from "../store/Graph.ts"
import { nodeByKey } from "../store/nodes.ts"
import { type Violation, violation } from "./checks.ts"
import { edgeClassesIn } from "./edges.ts"
import type { Places } from "./Places.ts"
import type { Pass } from "./pass.ts"

type Pair = readonly [source: number, target: number]

const page = 5_000

interface At {
  readonly index: number
  readonly after: number
}

/**
 * Cycles of edge classes that allow none. The edges of one class at a time are held in memory, about 100 bytes each: it
 * takes that to find every cycle in a time that grows with their number only.
 */
export const cyclePass = (places: Places): Pass<At> => {
  let pairs: Array<Pair> = []
  return {
    start: { index: 0, after: Number.MIN_SAFE_INTEGER },
    page: (graph, { after, index }) => {
      const type = edgeClassesIn(graph).filter(({ contract }) => contract.acyclic)[index]
      if (type === undefined) return { found: [], next: undefined }
      const rows = graph.conn
        .prepare("SELECT key, source, target FROM edges WHERE class = ? AND key > ? ORDER BY key LIMIT ?")
        .all(type.key, after, page)
      const here = rows
        .map((row) => [Number(row.source), Number(row.target)] as const)
        .filter(([source, target]) => places.isInTree(graph, source) && places.isInTree(graph, target))
      const isLast = rows.length < page
      const found = isLast ? cyclesOf(graph, type.ref, [...pairs, ...here]) : []
      return {
        found,
        next: isLast
          ? { index: index + 1, after: Number.MIN_SAFE_INTEGER }
          : { index, after: Number(rows[page - 1]?.key) },
        count: () => {
          if (isLast) pairs = []
          else pairs.push(...here)
        }
      }
    }
  }
}

/** Most nodes of cycles that are told of one class. */
const told = 20

const cyclesOf = (graph: Graph, ref: string, pairs: ReadonlyArray<Pair>): ReadonlyArray<Violation> =>
  [...onCycles(pairs)].slice(0, told).map((key) => {
    const node = nodeByKey(graph, key)
    return violation("edge.cycle", `@${node?.id ?? key}`, `edges of ${ref} lead from it back to it, or between cycles`)
  })

/**
 * The nodes that stay when those without edges into them, or without edges out of them, are taken away until there are
 * none: those on cycles, and between them. Pure.
 */
export const onCycles = (pairs: ReadonlyArray<Pair>): ReadonlySet<number> => {
  const forward = trimmed(pairs)
  const left = pairs.filter(([source, target]) => forward.has(source) && forward.has(target))
  return trimmed(left.map(([source, target]) => [target, source]))
}

/** What is left when nodes that no edge leads to are taken away, again and again. */
const trimmed = (pairs: ReadonlyArray<Pair>): ReadonlySet<number> => {
  const incoming = new Map<number, number>()
  const outgoing = new Map<number, Array<number>>()
  for (const [source, target] of pairs) {
    incoming.set(target, (incoming.get(target) ?? 0) + 1)
    if (!incoming.has(source)) incoming.set(source, 0)
    const targets = outgoing.get(source)
    if (targets === undefined) outgoing.set(source, [target])
    else targets.push(target)
  }
  const free = [...incoming].filter(([, count]) => count === 0).map(([key]) => key)
  for (let at = free.pop(); at !== undefined; at = free.pop()) {
    incoming.delete(at)
    for (const target of outgoing.get(at) ?? []) {
      const count = (incoming.get(target) ?? 0) - 1
      incoming.set(target, count)
      if (count === 0) free.push(target)
    }
  }
  return new Set(incoming.keys())
}
