import type { Json } from "@portico/schema"
import { READ } from "@portico/schema"
import type { Op } from "../ops/Op.ts"
import { orRather } from "../schema/props.ts"
import type { TypeInfo } from "../schema/types.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { type Field, type SystemField, systemFields } from "./filter.ts"
import type { Resolve } from "./parseFilter.ts"

const system: ReadonlySet<string> = new Set(systemFields)
const isSystem = (key: string): key is SystemField => system.has(key)

/**
 * What the keys of a `where`, an `order` or a projection name. With a class or interface these are its properties;
 * without one every property that any class declares whose schema the caller may see. Short keys have to be clear.
 */
export const resolverFor = (op: Op, type: TypeInfo | undefined): Resolve =>
  type === undefined ? (key) => resolveAnywhere(op, key) : (key) => resolveIn(type, key)

const prop = (key: string): Field => ({ kind: "prop", key })

const resolveIn = (type: TypeInfo, key: string): ReturnType<Resolve> => {
  if (isSystem(key)) return { kind: "system", key }
  if (type.props.byKey.has(key)) return prop(key)
  const found = type.props.byName.get(key)
  if (found === undefined) {
    return { code: "unknown_property", message: `${type.ref} has no such property${orRather(key, type)}` }
  }
  if (found === "ambiguous") return { code: "ambiguous", message: "several interfaces declare it; qualify it" }
  return prop(found.key)
}

const unknown = { code: "unknown_property", message: "no class that you may see has such a property" }

const resolveAnywhere = (op: Op, key: string): ReturnType<Resolve> => {
  if (isSystem(key)) return { kind: "system", key }
  const cut = key.lastIndexOf(".property.")
  if (cut >= 0) {
    const type = op.graph.schema.type(op.graph, key.slice(0, cut))
    return type?.props.byKey.has(key) === true && isSeen(op, type) ? prop(key) : unknown
  }
  const [first, second] = op.graph.schema
    .propKeys(op.graph, key)
    .filter((qualified) => isSeen(op, op.graph.schema.type(op.graph, ownerOf(qualified))))
  if (first === undefined) return unknown
  return second === undefined
    ? prop(first)
    : { code: "ambiguous", message: `name a class, or qualify it, for example ${first}` }
}

/** The class or interface that declares a property. */
export const ownerOf = (key: string): string => key.slice(0, key.lastIndexOf(".property."))

const isSeen = (op: Op, type: TypeInfo | undefined): boolean => {
  const node = type === undefined || type.kind === "edge" ? undefined : nodeByKey(op.graph, type.key)
  return node !== undefined && (op.standing.unboundMask(node) & READ) !== 0
}

/** The values of a node, null for what is absent. */
export const readerOf =
  (graph: Graph, node: NodeRecord) =>
  (field: Field): Json => {
    if (field.kind === "prop") return Object.hasOwn(node.props, field.key) ? (node.props[field.key] ?? null) : null
    return field.key === "class" ? graph.schema.refOf(graph, node.classKey) : node[field.key]
  }
