import { PorticoError, READ, USE } from "@portico/schema"
import type { ClassType, EdgeType, TypeInfo } from "../schema/types.ts"
import { askInVain } from "../store/Address.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import type { Op } from "./Op.ts"

/** A reference such as `crm.example.dev:class.Contact`, as against an address, which starts with `/` or `@`. */
const isReference = (text: string): boolean => !text.startsWith("/") && !text.startsWith("@")

const find = (op: Op, text: string): TypeInfo | undefined => {
  if (isReference(text)) return op.graph.schema.type(op.graph, text)
  const { node } = op.locate(text)
  return node === undefined ? undefined : op.graph.schema.typeByKey(op.graph, node.key)
}

const notFound = (text: string, what: string): never => {
  const shown = text.slice(0, 300)
  const form = isReference(text) && !text.includes(":") ? ": write it as origin:class.Name" : ""
  throw PorticoError.make("CLASS_NOT_FOUND", `there is no ${what} ${shown} that you may use${form}`, { class: shown })
}

/** The type that a param names, if the caller holds `needs` on its node; a hidden type and a missing one read alike. */
const typeParam = (op: Op, text: string, needs: number, what: string): TypeInfo => {
  const lookedUp = { text: isReference(text) ? `/:${text}` : text, askedBefore: op.graph.asked }
  const unknown = (): never => {
    askInVain(op.graph, lookedUp)
    return notFound(text, what)
  }
  const type = find(op, text)
  if (type === undefined) return unknown()
  const node = nodeOf(op, type)
  const known = op.standing.unboundMask(node)
  const mask = op.standing.classMask(node)
  if ((mask & needs) === needs && known !== 0) {
    op.noted?.push(["class", node.key, needs])
    return type
  }
  return (known & READ) === 0 ? unknown() : op.denied(node, needs & ~mask, "type")
}

const nodeOf = (op: Op, type: TypeInfo): NodeRecord => {
  const node = nodeByKey(op.graph, type.key)
  if (node === undefined) throw new Error(`the schema node of ${type.ref} is gone`)
  return node
}

/** The class of a node to be made: the caller needs USE on it. */
export const classToMake = (op: Op, text: string): ClassType => {
  const type = typeParam(op, text, USE, "class")
  return type.kind === "class" && !type.kept ? type : notFound(text, "class")
}

/** The class of an edge to be made or removed: the caller needs USE on it. */
export const edgeClassToMake = (op: Op, text: string): EdgeType => {
  const type = typeParam(op, text, USE, "edge class")
  return type.kind === "edge" && !type.kept ? type : notFound(text, "edge class")
}

/** The class of edges to be read. */
export const edgeClassToRead = (op: Op, text: string): EdgeType => {
  const type = typeParam(op, text, 0, "edge class")
  return type.kind === "edge" ? type : notFound(text, "edge class")
}

/** The class or interface that nodes are filtered by. */
export const filterType = (op: Op, text: string): TypeInfo => {
  const type = typeParam(op, text, 0, "class or interface")
  return type.kind === "edge" ? notFound(text, "class or interface") : type
}

/** The class, interface or edge class that changes are filtered by. */
export const typeToWatch = (op: Op, text: string): TypeInfo => typeParam(op, text, 0, "class or interface")

/** Refuses a change of props that are of a class which was removed, and kept for what there is of it. */
export const refuseKept = ({ kept, ref }: TypeInfo): void => {
  if (!kept) return
  throw PorticoError.make("SCHEMA_CONFLICT", `${ref} was removed: what is of it is kept as it is until that is back`, {
    class: ref
  })
}

/** The class of a node that exists. */
export const classOf = (graph: Graph, node: NodeRecord): ClassType => {
  const type = graph.schema.typeByKey(graph, node.classKey)
  if (type?.kind !== "class") throw new Error(`node ${node.key} has no class in the store`)
  return type
}

/** Whether a node is of one of these classes, or of one that implements one of these interfaces. */
export const fitsAny = (graph: Graph, node: NodeRecord, refs: ReadonlyArray<string>): boolean => {
  const { fits } = classOf(graph, node)
  return refs.length === 0 || refs.some((ref) => fits.has(ref))
}
