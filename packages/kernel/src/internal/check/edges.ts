import { K } from "@portico/schema"
import { cardinalityOf, degree } from "../ops/edgeConstraints.ts"
import { fitsAny } from "../ops/types.ts"
import { DamagedTree } from "../permission/arithmetic.ts"
import { mostPropsBytes } from "../schema/props.ts"
import type { EdgeType } from "../schema/types.ts"
import { hasPerm } from "../schema/wellKnown.ts"
import { type EdgeRow, edgeColumns } from "../store/edges.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { type CheckName, type Violation, violation } from "./checks.ts"
import type { NodeFacts } from "./nodes.ts"
import { fetchNodes } from "./Places.ts"
import { type Pass, pageRows } from "./pass.ts"
import { propsProblem } from "./props.ts"

const selectPage = `SELECT ${edgeColumns} FROM edges WHERE key > ? ORDER BY key LIMIT ?`

/** Every edge: its ends, its class with all that this asks of an edge, its props. */
export const edgePass = (facts: NodeFacts): Pass<number> => ({
  start: Number.MIN_SAFE_INTEGER,
  page: (graph, at) => {
    // Boundary: STRICT tables give exactly these types.
    const rows = graph.conn.prepare(selectPage).all(at, pageRows(graph)) as unknown as ReadonlyArray<EdgeRow>
    fetchNodes(
      graph,
      rows.flatMap((row) => [row.source, row.target, row.class])
    )
    return {
      found: rows.flatMap((row) => edgeViolations(graph, facts, row)),
      next: rows.length < pageRows(graph) ? undefined : rows[rows.length - 1]?.key,
      count: () => {
        facts.census.edges += rows.length
      }
    }
  }
})

const edgeViolations = (graph: Graph, facts: NodeFacts, row: EdgeRow): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  const [source, target] = [nodeByKey(graph, row.source), nodeByKey(graph, row.target)]
  const name = `edge ${row.key} (@${source?.id ?? row.source} to @${target?.id ?? row.target})`
  const add = (check: CheckName, message: string) => found.push(violation(check, name, message))
  if (row.rev < 0 || row.rev > facts.seq) add("edge.rev", `rev ${row.rev} is none of the ${facts.seq} commits`)
  if (source === undefined || target === undefined) {
    add("edge.ends", `node ${source === undefined ? row.source : row.target} does not exist`)
    return found
  }
  const isLive = [source, target].every((end) => facts.places.of(graph, end).kind === "tree")
  const type = graph.schema.typeByKey(graph, row.class)
  if (type?.kind !== "edge") {
    if (isLive || type !== undefined) add("edge.class", `class ${row.class} is no edge class that is installed`)
    return found
  }
  const isGrant = type.ref === hasPerm
  const isMask = row.mask !== null && row.mask >= 1 && row.mask <= 15
  if (isGrant !== isMask || (!isGrant && row.mask !== null)) add("edge.mask", `its mask is ${row.mask}`)
  // What a grant says is in its mask.
  const problem = isGrant || !isLive ? undefined : propsProblem(type, row.props, mostPropsBytes)
  if (problem !== undefined) add("edge.props", problem)
  if (type.contract.symmetric && row.source > row.target)
    add("edge.direction", "it is symmetric and kept from its higher end to its lower one")
  if (isLive) constraints(graph, type, row, source, target, add)
  return found
}

const constraints = (
  graph: Graph,
  type: EdgeType,
  row: EdgeRow,
  source: NodeRecord,
  target: NodeRecord,
  add: (check: CheckName, message: string) => void
): void => {
  const { contract } = type
  ;[source, target].forEach((node, end) => {
    const { as, types } = contract.ends[end === 0 ? 0 : 1]
    const isNode = graph.schema.typeByKey(graph, node.classKey)?.kind === "class"
    if (isNode && !fitsAny(graph, node, types)) add("edge.types", `its ${as} is none of ${types.join(", ")}`)
  })
  if (contract.noSelf && source.key === target.key) add("edge.self", "it goes from a node to itself")
  // Two edges between the same nodes differ by their slugs, so one of them has one.
  if (contract.unique && row.slug !== "") {
    const twins = graph.conn
      .prepare("SELECT count(*) AS n FROM edges WHERE source = ? AND class = ? AND target = ?")
      .get(row.source, row.class, row.target)
    if (Number(twins?.n) > 1) add("edge.twin", `there is another edge of ${type.ref} between the two`)
  }
}

/** Classes of the edges that there are, each by its key. */
export const edgeClassesIn = (graph: Graph): ReadonlyArray<EdgeType> =>
  graph.conn
    .prepare("SELECT key FROM nodes WHERE class = ? ORDER BY key")
    .all(graph.schema.type(graph, K.EdgeClass.ref)?.key ?? 0)
    .flatMap((row) => graph.schema.typeByKey(graph, Number(row.key)) ?? [])
    .filter((type) => type.kind === "edge")

/** How many edges of a class a node has; undefined where what is above one of its neighbours goes round. */
export const degreeIn = (graph: Graph, type: EdgeType, node: number, end: 0 | 1, most: number): number | undefined => {
  try {
    return degree(graph, type, node, end, most)
  } catch (thrown) {
    if (thrown instanceof DamagedTree) return undefined
    throw thrown
  }
}

/** Nodes that are looked at in one page of a class's. */
const nodesAtOnce = 5_000

interface CardinalityAt {
  readonly index: number
  readonly end: 0 | 1
  readonly node: number
}

/** The most edges that a node may have of each class, where one says so. */
export const cardinalityPass: Pass<CardinalityAt> = {
  start: { index: 0, end: 0, node: Number.MIN_SAFE_INTEGER },
  page: (graph, { end, index, node }) => {
    const type = edgeClassesIn(graph)[index]
    if (type === undefined) return { found: [], next: undefined }
    const onward: CardinalityAt =
      end === 0
        ? { index, end: 1, node: Number.MIN_SAFE_INTEGER }
        : { index: index + 1, end: 0, node: Number.MIN_SAFE_INTEGER }
    const { as, cardinality } = type.contract.ends[end]
    const { max } = cardinalityOf(cardinality)
    if (max === Number.POSITIVE_INFINITY) return { found: [], next: onward }
    const column = end === 0 ? "source" : "target"
    const rows = graph.conn
      .prepare(
        `SELECT ${column} AS node, count(*) AS n FROM edges WHERE class = ? AND ${column} > ?
         GROUP BY ${column} ORDER BY ${column} LIMIT ?`
      )
      .all(type.key, node, nodesAtOnce)
    // A symmetric edge is one of both its nodes, wherever it is kept.
    const suspects = rows.filter(({ n }) => type.contract.symmetric || Number(n) > max).map((row) => Number(row.node))
    const found = suspects.flatMap((key) => {
      const record = nodeByKey(graph, key)
      if (record === undefined || (degreeIn(graph, type, key, end, max + 1) ?? 0) <= max) return []
      return [violation("edge.cardinality", `@${record.id}`, `a node is the ${as} of at most ${max} of ${type.ref}`)]
    })
    const last = rows[rows.length - 1]
    return {
      found,
      next: rows.length < nodesAtOnce || last === undefined ? onward : { index, end, node: Number(last.node) }
    }
  }
}
