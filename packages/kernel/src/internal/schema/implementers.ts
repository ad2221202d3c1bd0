import { K } from "@portico/schema"
import type { Graph } from "../store/Graph.ts"
import type { TypeInfo } from "./types.ts"

const selectSources = "SELECT source FROM edges WHERE target = ? AND class IN (?, ?)"

/** A type of the shared schema is made anew after each install, so what is known of it holds as long as it does. */
const known = new WeakMap<TypeInfo, ReadonlyArray<number>>()

/** Keys of the node classes that fit a class or interface, in ascending order. */
export const implementersOf = (graph: Graph, type: TypeInfo): ReadonlyArray<number> => {
  // While an install is in the making, classes come and go under the types that it sees.
  if (graph.caches.schema === undefined) return find(graph, type)
  const before = known.get(type)
  if (before !== undefined) return before
  const keys = find(graph, type)
  known.set(type, keys)
  return keys
}

const find = (graph: Graph, type: TypeInfo): ReadonlyArray<number> => {
  if (type.ref === K.Node.ref) return allClasses(graph)
  const keyOf = (ref: string) => graph.schema.type(graph, ref)?.key ?? 0
  const edges = [keyOf(K.extends.ref), keyOf(K.implements.ref)] as const
  const select = graph.conn.prepare(selectSources)
  const reached = new Set([type.key])
  for (const key of reached) for (const row of select.all(key, ...edges)) reached.add(Number(row.source))
  return [...reached].filter((key) => graph.schema.typeByKey(graph, key)?.kind === "class").sort((a, b) => a - b)
}

/** Every node class: the interface Node is not written down on each. */
const allClasses = (graph: Graph): ReadonlyArray<number> => {
  const key = graph.schema.type(graph, K.Class.ref)?.key ?? 0
  return graph.conn
    .prepare("SELECT key FROM nodes WHERE class = ? ORDER BY key")
    .all(key)
    .map((row) => Number(row.key))
}
