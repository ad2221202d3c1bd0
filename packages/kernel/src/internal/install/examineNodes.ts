import { createHash } from "node:crypto"
import { step } from "@portico/gate/database"
import { issuesOf } from "../schema/validate.ts"
import { edgeColumns, edgeOf } from "../store/edges.ts"
import type { Graph } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, type Props } from "../store/nodes.ts"
import { isInTree, isKeyInTree } from "../store/places.ts"
import { hasChildren } from "../store/tree.ts"
import { eachPage } from "./buildIndexes.ts"
import { Findings } from "./Findings.ts"
import type { Reshape } from "./reshape.ts"

/** Nodes or edges that are looked at in one go. */
const page = 2_000

/** What of the stored props of one class does not fit what they would become. Writes nothing. */
export function* examineProps(
  graph: Graph,
  reshape: Reshape,
  classKey: number,
  most: number,
  findings: Findings
): Parts<void> {
  const { checks, childless, uniques } = reshape
  if (checks.length === 0 && uniques.length === 0 && !childless) return
  if (reshape.kind === "edge") {
    yield* examineEdgeProps(graph, reshape, classKey, most, findings)
    return
  }
  const taken = uniques.map(() => new Set<string>())
  let left = most
  yield* eachPage(
    graph,
    classKey,
    page,
    (nodes) => {
      const found = new Findings()
      for (const node of nodes) {
        checkProps(graph, reshape, node, node.props, found)
        if (childless && hasChildren(graph, node.key)) found.add(graph, node, member(reshape.ref), "holds children")
      }
      return { found, nodes, live: uniques.length === 0 ? [] : nodes.filter((node) => isInTree(graph, node)) }
    },
    ({ found, live, nodes }) => {
      findings.merge(found)
      uniques.forEach((unique, index) => {
        for (const node of live) noteTwin(graph, reshape, unique, taken[index], node, findings)
      })
      left -= nodes.length
      return left > 0
    }
  )
}

/** A reference without its origin. */
export const member = (ref: string): string => ref.slice(ref.indexOf(":") + 1)

const checkProps = (
  graph: Graph,
  { checks }: Reshape,
  node: NodeRecord | undefined,
  props: Props,
  found: Findings
): void => {
  for (const { from, mayLack, mayMisfit, prop } of checks) {
    const value = Object.hasOwn(props, from) ? props[from] : undefined
    if (value === undefined) {
      if (mayLack) found.add(graph, node, member(prop.key), "is required, and not there")
    } else if (mayMisfit && issuesOf(prop.schema, value).length > 0) {
      found.add(graph, node, member(prop.key), "does not take the value that is there")
    }
  }
}

/** Notes a node that has the same values as one before it. */
const noteTwin = (
  graph: Graph,
  { ref }: Reshape,
  { from, names }: Reshape["uniques"][number],
  taken: Set<string> | undefined,
  node: NodeRecord,
  findings: Findings
): void => {
  const values = from.map(({ filled, key }) => (Object.hasOwn(node.props, key) ? node.props[key] : filled))
  // As in SQL: what has no value is equal to nothing.
  if (values.some((value) => value === undefined || value === null)) return
  const text = createHash("sha256").update(JSON.stringify(values)).digest("base64")
  if (taken?.has(text))
    findings.add(graph, node, member(ref), `is to be unique by ${names.join(", ")}, and another has the same`)
  else taken?.add(text)
}

const selectEdges = `SELECT ${edgeColumns} FROM edges WHERE class = ? AND key > ? ORDER BY key LIMIT ?`

function* examineEdgeProps(
  graph: Graph,
  reshape: Reshape,
  classKey: number,
  most: number,
  findings: Findings
): Parts<void> {
  let after = Number.MIN_SAFE_INTEGER
  for (let left = most; left > 0; left -= page) {
    const from = after
    const { found, last } = yield* step(() => {
      const edges = graph.conn.prepare(selectEdges).all(classKey, from, page).map(edgeOf)
      const found = new Findings()
      for (const { key, props, source, target } of edges) {
        const isLive = isKeyInTree(graph, source) && isKeyInTree(graph, target)
        if (isLive) checkProps(graph, reshape, nodeByKey(graph, source), props, found)
        else found.aside.push({ kind: "edge", key })
      }
      return { found, last: edges.length < page ? undefined : edges.at(-1)?.key }
    })
    findings.merge(found)
    if (last === undefined) return
    after = last
  }
}
