import { PorticoError } from "@portico/schema"
import type { SchemaCache } from "../schema/SchemaCache.ts"
import type { EdgeType } from "../schema/types.ts"
import { isKernelRef } from "../schema/wellKnown.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import type { Sql } from "../store/sql.ts"
import { subtreeOf } from "../store/tree.ts"
import { cardinalityOf, checkEnough } from "./edgeConstraints.ts"

/** Nodes that a delete looks through for edges that others have to have, and the most such edges. */
const maxNodes = 100_000
const maxEdges = 10_000

/**
 * Looks up the edges between what is about to be deleted and the rest of which a node has to have some, and answers a
 * check that none of the rest is left with too few. Costs nothing where no installed edge class asks for any.
 */
export const leftShort = (graph: Graph, self: NodeRecord): (() => void) => {
  const types = requiringTypes(graph)
  if (types.size === 0) return () => undefined
  const below = subtreeOf(graph, self.key, maxNodes + 1)
  if (below.length > maxNodes) tooMany("nodes", maxNodes)
  const inside = new Set(below)
  const rows = graph.conn
    .prepare(selectTouching(graph.sql))
    .all(JSON.stringify(below), JSON.stringify([...types.keys()]), maxEdges + 1)
  if (rows.length > maxEdges) tooMany("edges", maxEdges)
  const edges = rows.map((row) => ({ key: Number(row.class), source: Number(row.source), target: Number(row.target) }))
  const leading = edges.filter(({ source, target }) => !inside.has(source) || !inside.has(target))
  return () => {
    for (const edge of leading) {
      const type = types.get(edge.key)
      if (type !== undefined) checkEnough(graph, type, edge)
    }
  }
}

const selectTouching = ({ numbers }: Sql) => `SELECT class, source, target FROM edges
  WHERE class IN ${numbers("?2")} AND (target IN ${numbers("?1")} OR source IN ${numbers("?1")}) LIMIT ?3`

const tooMany = (what: string, max: number): never => {
  const message = `a delete looks through at most ${max} ${what} for edges that others have to have: delete parts of it first`
  throw PorticoError.make("LIMIT_EXCEEDED", message, { limit: "deleted", max })
}

const requiring = new WeakMap<SchemaCache, ReadonlyMap<number, EdgeType>>()

/** Edge classes of domains of which a node has to have some, at one end or the other, by their keys. */
const requiringTypes = (graph: Graph): ReadonlyMap<number, EdgeType> => {
  const known = requiring.get(graph.schema)
  if (known !== undefined) return known
  const found = new Map<number, EdgeType>()
  for (const { bundle, origin } of graph.schema.domains(graph)) {
    for (const [name, { ends }] of Object.entries(bundle.contract.edges)) {
      if (ends.every(({ cardinality }) => cardinalityOf(cardinality).min === 0)) continue
      const type = graph.schema.type(graph, `${origin}:class.${name}`)
      if (type?.kind === "edge" && !isKernelRef(type.ref)) found.set(type.key, type)
    }
  }
  requiring.set(graph.schema, found)
  return found
}
