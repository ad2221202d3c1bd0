import type { Graph } from "./Graph.ts"
import type { NodeRecord } from "./NodeRecord.ts"
import { childrenOf, nodesOf } from "./nodes.ts"

/** Children that are read at a time. */
const chunk = 128

const selectOne = "parent = ? AND slug = ?"

/**
 * A node and everything below it, each before its children, and children by slug. With `after`, the slugs from the
 * node down to where an earlier walk ended (none where it ended at the node itself), only what comes behind that; the
 * place need not exist any more.
 */
export function* preorder(graph: Graph, top: NodeRecord, after?: ReadonlyArray<string>): Generator<NodeRecord> {
  const [first, ...rest] = after ?? []
  if (after === undefined) yield top
  if (first !== undefined) {
    for (const child of nodesOf(graph, selectOne, top.key, first)) yield* preorder(graph, child, rest)
  }
  for (let slug = first ?? ""; ; ) {
    const children = childrenOf(graph, top.key, slug, chunk)
    for (const { isInner, node } of children) {
      if (isInner) yield* preorder(graph, node)
      else yield node
      slug = node.slug
    }
    if (children.length < chunk) return
  }
}

/** Compares places in the order of such a walk: by slugs, and these by the bytes of their UTF-8, as the store does. */
export const comparePlaces = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = Buffer.compare(Buffer.from(a[i] ?? ""), Buffer.from(b[i] ?? ""))
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Whether `place` is `top` or lies below it. */
export const isPlaceUnder = (place: ReadonlyArray<string>, top: ReadonlyArray<string>): boolean =>
  top.every((slug, i) => place[i] === slug)
