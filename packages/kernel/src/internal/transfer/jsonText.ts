import type { Op } from "../ops/Op.ts"
import type { EdgeRecord } from "../store/edges.ts"
import { nodeByKey, viewOf } from "../store/nodes.ts"
import type { ExportedNode } from "./nodePages.ts"

const line = (value: object): string => `${JSON.stringify(value)}\n`

/** The first line of a file. */
export const headLine = (under: string, seq: number): string => line({ export: { v: 1, under, seq } })

/** The last line: without it, a file was cut off. */
export const endLine = (counts: Readonly<Record<string, number>>): string => line({ end: counts })

/** A node, and the edges that it cannot be made without. */
export const nodeLine = (op: Op, { links, node }: ExportedNode): string => {
  const { class: of, createdAt, id, path, props, rev, updatedAt } = viewOf(op.graph, node)
  return line({
    path,
    class: of,
    props,
    ...(links.length === 0 ? undefined : { links: links.map((edge) => linkOf(op, edge)) }),
    id,
    rev,
    createdAt,
    updatedAt
  })
}

const linkOf = (op: Op, edge: EdgeRecord) => ({
  edgeClass: op.graph.schema.refOf(op.graph, edge.classKey),
  target: pathAt(op, edge.target),
  ...rest(edge)
})

/** An edge. */
export const edgeLine = (op: Op, edge: EdgeRecord): string =>
  line({
    class: op.graph.schema.refOf(op.graph, edge.classKey),
    source: pathAt(op, edge.source),
    target: pathAt(op, edge.target),
    ...rest(edge)
  })

const rest = ({ props, slug }: EdgeRecord) => ({
  ...(slug === "" ? undefined : { slug }),
  ...(Object.keys(props).length === 0 ? undefined : { props })
})

const pathAt = (op: Op, key: number): string => {
  const node = nodeByKey(op.graph, key)
  if (node === undefined) throw new Error(`an edge leads to ${key}, which is not in the store`)
  return op.path(node)
}
