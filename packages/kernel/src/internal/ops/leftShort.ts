import { PorticoError } from "@portico/schema"
import type { SchemaCache } from "../schema/SchemaCache.ts"
import type { EdgeType } from "../schema/types.ts"
import { isKernelRef } from "../schema/wellKnown.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import type { Sql } from "../store/sql.ts"
import { subtreeOf } from "../store/tree.ts"
import { cardinalityOf, checkEnough } from "./edgeConstraints.ts"

/** Nodes that a delete looks through for edges that others have to have, and the most such edges that it finds. */
const maxNodes = 100_000
const maxEdges = 10_000

/**
 * Looks up the edges between what is about to be deleted and the rest of which a node has to have some, and answers a
 * check that none of the rest is left with too few. Costs nothing where no installed edge class asks for any.
 */
export const leftShort = (graph: Graph, self: NodeRecord): (() => void) => {
  const { sources, targets } = requiringTypes(graph)
  if (sources.size + targets.size === 0) return () => undefined
  const below = subtreeOf(graph, self.key, maxNodes + 1)
  if (below.length > maxNodes) tooMany("nodes", maxNodes)
  const keysOf = (types: ReadonlyMap<number, EdgeType>) => JSON.stringify([...types.keys()])
  const edges = graph.conn
    .prepare(selectLeading(graph.sql))
    .all(JSON.stringify(below), keysOf(sources), keysOf(targets), maxEdges + 1)
  if (edges.length > maxEdges) tooMany("edges", maxEdges)
  return () => {
    for (const row of edges) {
      const type = sources.get(Number(row.class)) ?? targets.get(Number(row.class))
      if (type !== undefined) checkEnough(graph, type, { source: Number(row.source), target: Number(row.target) })
    }
  }
}

/** Edges from whoever needs them to what is deleted, and those from there to whoever needs these. */
const selectLeading = ({ numbers }: Sql) => `SELECT class, source, target FROM edges
    WHERE class IN ${numbers("?2")} AND target IN ${numbers("?1")} AND source NOT IN ${numbers("?1")}
  UNION ALL SELECT class, source, target FROM edges
    WHERE class IN ${numbers("?3")} AND source IN ${numbers("?1")} AND target NOT IN ${numbers("?1")}
  LIMIT ?4`

const tooMany = (what: string, max: number): never => {
  const message = `a delete looks through at most ${max} ${what} for edges that others have to have: delete parts of it first`
  throw PorticoError.make("LIMIT_EXCEEDED", message, { limit: "deleted", max })
}

/** Edge classes of domains of which a node at the one end, or at the other, has to have some; by their keys. */
interface Requiring {
  readonly sources: ReadonlyMap<number, EdgeType>
  readonly targets: ReadonlyMap<number, EdgeType>
}

const requiring = new WeakMap<SchemaCache, Requiring>()

const requiringTypes = (graph: Graph): Requiring => {
  const known = requiring.get(graph.schema)
  if (known !== undefined) return known
  const [sources, targets] = [new Map<number, EdgeType>(), new Map<number, EdgeType>()]
  for (const { bundle, origin } of graph.schema.domains(graph)) {
    for (const name of Object.keys(bundle.contract.edges)) {
      const type = graph.schema.type(graph, `${origin}:class.${name}`)
      if (type?.kind !== "edge" || isKernelRef(type.ref)) continue
      const { ends, symmetric } = type.contract
      const [first, second] = ends.map(({ cardinality }) => cardinalityOf(cardinality).min > 0)
      // A symmetric edge has both its nodes at both ends.
      if (first === true || (symmetric && second === true)) sources.set(type.key, type)
      if (second === true || (symmetric && first === true)) targets.set(type.key, type)
    }
  }
  const found = { sources, targets }
  requiring.set(graph.schema, found)
  return found
}
