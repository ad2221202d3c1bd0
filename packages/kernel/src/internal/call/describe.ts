import { K, Mask, READ, USE } from "@portico/schema"
import type { CallableDescription, Description } from "../../Kernel.ts"
import type { Op } from "../ops/Op.ts"
import { classOf } from "../ops/types.ts"
import type { CallableInfo } from "../schema/types.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, pathOf, viewOf } from "../store/nodes.ts"
import { routeOf } from "./route.ts"

/** What an address is: a node with what can be called on it, or a callable. Shows only what the caller may see. */
export const describe = (op: Op, text: string): Description => {
  const { address } = op.tools.parse(text)
  if (address._tag === "InstanceMethod" || address._tag === "StaticMethod") return describeCallable(op, text)
  const target = op.locate(text)
  const node = op.require(target, READ, "resource")
  const type = classOf(op.graph, node)
  const callable = type.ref === K.Function.ref ? op.graph.schema.callableByKey(op.graph, node.key) : undefined
  if (callable !== undefined) return { kind: "callable", callable: descriptionOf(op, callable, node, undefined) }
  return {
    kind: "node",
    node: viewOf(op.graph, node),
    perms: Mask.names(op.standing.mask(node)),
    callables: callablesOf(op, node)
  }
}

const describeCallable = (op: Op, text: string): Description => {
  const route = routeOf(op.graph, op.tools, { path: text })
  const { callable = route.named, self } = route
  if (callable === undefined) return route.refuse(op)
  const node = nodeByKey(op.graph, callable.key)
  if (node === undefined || !isKnown(op, callable, node)) return route.refuse(op)
  const target = self === undefined ? undefined : op.require(self, READ, "resource")
  return { kind: "callable", callable: descriptionOf(op, callable, node, target) }
}

const maskOn = (op: Op, callable: CallableInfo, node: NodeRecord): number =>
  op.standing.callableMask(node, op.tools.operations.has(callable.path))

const isKnown = (op: Op, callable: CallableInfo, node: NodeRecord): boolean =>
  (maskOn(op, callable, node) & (READ | USE)) !== 0

/** The instance methods of a node's class that the caller may see or use. */
const callablesOf = (op: Op, node: NodeRecord): ReadonlyArray<CallableDescription> => {
  const methods = op.graph.schema.methods(op.graph, classOf(op.graph, node))
  const found: Array<CallableDescription> = []
  for (const callable of [...methods.values()].flat()) {
    const fn = nodeByKey(op.graph, callable.key)
    if (callable.contract.static || fn === undefined || !isKnown(op, callable, fn)) continue
    found.push(descriptionOf(op, callable, fn, node))
  }
  return found
}

const addressOf = (op: Op, callable: CallableInfo, self: NodeRecord | undefined): string => {
  if (callable.contract.static || callable.owner === undefined) return callable.path
  return `${self === undefined ? `<path of a ${callable.owner.ref}>` : pathOf(op.graph, self)}::${callable.name}`
}

const descriptionOf = (
  op: Op,
  callable: CallableInfo,
  node: NodeRecord,
  self: NodeRecord | undefined
): CallableDescription => {
  const { contract, name } = callable
  const path = addressOf(op, callable, self)
  return {
    path,
    node: pathOf(op.graph, node),
    name,
    static: contract.static,
    input: contract.input,
    output: contract.output,
    auth: contract.auth,
    params: contract.params,
    result: contract.result,
    ...(contract.takes === undefined ? undefined : { takes: contract.takes }),
    needs: Mask.names(contract.needs),
    refs: contract.refs.map((ref) => ({ ...ref, needs: Mask.names(ref.needs) })),
    ...(contract.title === undefined ? undefined : { title: contract.title }),
    ...(contract.description === undefined ? undefined : { description: contract.description }),
    ...(contract.deprecated === undefined ? undefined : { deprecated: contract.deprecated }),
    usable: (maskOn(op, callable, node) & USE) !== 0,
    example: { path, params: exampleOf(contract.params) }
  }
}

/** A params object with a placeholder for everything that is required. */
const exampleOf = (schema: unknown): Readonly<Record<string, unknown>> => {
  const { properties, required } = (schema ?? {}) as {
    readonly properties?: Readonly<Record<string, { readonly type?: unknown }>>
    readonly required?: ReadonlyArray<string>
  }
  return Object.fromEntries((required ?? []).map((name) => [name, placeholder(properties?.[name]?.type)]))
}

const placeholder = (type: unknown): unknown => {
  switch (type) {
    case "string":
      return "…"
    case "number":
    case "integer":
      return 0
    case "boolean":
      return false
    case "array":
      return []
    default:
      return {}
  }
}
