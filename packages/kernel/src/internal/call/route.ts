import { K, PorticoError, type StaticMethodAddress } from "@portico/schema"
import type { CallRequest } from "../../Kernel.ts"
import type { Op, OpTools } from "../ops/Op.ts"
import { fitsAny } from "../ops/types.ts"
import type { CallableInfo, NodeType } from "../schema/types.ts"
import { askInVain, locate, locateDeleted, nodeAddress, type Target } from "../store/Address.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeAt, nodeByKey, pathOf } from "../store/nodes.ts"
import { isInTree } from "../store/places.ts"

const restoreName = "restore"

/** What a request leads to, before anybody asked who may. */
export interface Route {
  readonly callable: CallableInfo | undefined
  /** The node that an instance method is called on. */
  readonly self: Target | undefined
  /** Answers when there is no callable, or when the caller may not know of it. */
  readonly refuse: (op: Op) => never
  /** The callable that was named in the wrong form, for describing it. */
  readonly named?: CallableInfo
}

type Refuse = Route["refuse"]

const notFound = (message: string, details: Readonly<Record<string, unknown>>): never => {
  throw PorticoError.make("METHOD_NOT_FOUND", message, details)
}

const refused = (refuse: Refuse, self?: Target, named?: CallableInfo): Route => ({
  callable: undefined,
  self,
  refuse,
  ...(named === undefined ? undefined : { named })
})

/** To whoever may not READ the node, nothing is said but that it is not there. */
const toReaders =
  (target: Target, refuse: Refuse): Refuse =>
  (op) => {
    const { node } = target
    return node !== undefined && op.canRead(node) ? refuse(op) : op.missing(target)
  }

/**
 * The route of an instance call whose node is remembered under just this text, and whose method exists: what is
 * remembered was parsed once, so nothing is left to parse. Anything else is for {@link routeOf} to find out.
 */
const knownRoute = (graph: Graph, { path, self }: CallRequest): Route | undefined => {
  const cut = path.indexOf("::")
  if (cut < 0 || self !== undefined) return undefined
  const text = path.slice(0, cut)
  const askedBefore = graph.asked
  const node = text.startsWith("@") ? knownById(graph, text.slice(1)) : nodeAt(graph, text)
  if (node === undefined || !isInTree(graph, node)) return undefined
  const type = graph.schema.typeByKey(graph, node.classKey)
  if (type?.kind !== "class") return undefined
  const candidates = graph.schema.methods(graph, type).get(path.slice(cut + 2))
  const callable = candidates?.length === 1 ? candidates[0] : undefined
  if (callable === undefined || callable.contract.static) return undefined
  return { callable, self: { text, node, nearest: node, askedBefore }, refuse: noMethod(type, callable.name, text) }
}

const knownById = (graph: Graph, id: string): NodeRecord | undefined => {
  const key = graph.caches.keysById.get(id)
  return key === undefined ? undefined : nodeByKey(graph, key)
}

const noMethod =
  (type: NodeType, method: string, text: string): Refuse =>
  () =>
    notFound(`${text} is a ${type.ref}, which has no method ${method}`, { class: type.ref, method })

/** Finds the callable of a request. Checks no permission and refuses nothing but addresses that do not parse. */
export const routeOf = (graph: Graph, tools: OpTools, request: CallRequest): Route => {
  const { asked } = graph
  const known = knownRoute(graph, request)
  if (known !== undefined) return known
  const parsed = tools.parse(request.path)
  const { address } = parsed
  const self = request.self === undefined ? undefined : selfOf(graph, tools, request.self)
  switch (address._tag) {
    case "InstanceMethod": {
      if (self !== undefined) return refused(() => invalidSelf("the address names the node already"))
      const owner =
        address.qualifier === undefined
          ? undefined
          : `${address.qualifier.origin}:interface.${address.qualifier.interface}`
      const there = locate(graph, address.self, parsed.nodeText, asked)
      const target = address.method === restoreName ? locateDeleted(graph, there, address.self) : there
      return target.deleted === true ? onDeleted(graph, target) : onInstance(graph, target, address.method, owner)
    }
    case "StaticMethod":
      return onType(graph, address, self)
    default: {
      const target = locate(graph, address, parsed.nodeText, asked)
      const inherited = address._tag === "Tree" ? onInherited(graph, target, address.slugs, self) : undefined
      return inherited ?? onNode(graph, target, self)
    }
  }
}

/**
 * `/crm.example.dev/class.Contact/import` where the class has that method from an interface, so that it is no node of
 * its own: as the canonical form, but to whoever may not READ the class it is as missing as anything else there.
 */
const onInherited = (
  graph: Graph,
  target: Target,
  slugs: ReadonlyArray<string>,
  self: Target | undefined
): Route | undefined => {
  const { nearest, node } = target
  const [origin, owner, method, ...more] = slugs
  if (node !== undefined || nearest === undefined || method === undefined || more.length > 0) return undefined
  const type = nearest.slug === owner ? graph.schema.type(graph, `${origin}:${owner}`) : undefined
  if (type?.kind !== "class" || type.key !== nearest.key) return undefined
  if (candidatesOf(graph, type, method, undefined).length === 0) return undefined
  const name = type.ref.slice(type.ref.lastIndexOf(".") + 1)
  const address = { _tag: "StaticMethod", origin: type.domain.origin, owner: { kind: "class", name }, method } as const
  const route = onType(graph, address, self)
  return { ...route, refuse: (op) => (op.canRead(nearest) ? route.refuse(op) : op.missing(target)) }
}

const selfOf = (graph: Graph, tools: OpTools, text: string): Target => {
  const parsed = tools.parse(text)
  const address = nodeAddress(parsed)
  return locateDeleted(graph, locate(graph, address, parsed.nodeText), address)
}

/** The one thing that can be done with what was deleted. */
const onDeleted = (graph: Graph, self: Target): Route => {
  const type = graph.schema.type(graph, K.Node.ref)
  const callable = type?.kind === "interface" ? candidatesOf(graph, type, restoreName, undefined)[0] : undefined
  const refuse: Refuse = (op) => op.missing(self)
  return { callable, self, refuse }
}

const invalidSelf = (message: string): never => {
  throw PorticoError.make("INVALID_PARAMS", `self: ${message}`, { issues: [{ path: ["self"], code: "self", message }] })
}

const candidatesOf = (graph: Graph, type: NodeType, method: string, owner: string | undefined) => {
  const all = graph.schema.methods(graph, type).get(method) ?? []
  return owner === undefined ? all : all.filter((callable) => callable.owner?.ref === owner)
}

const onInstance = (graph: Graph, self: Target, method: string, owner: string | undefined): Route => {
  const { node, text } = self
  if (node === undefined) return refused((op) => op.missing(self), self)
  const type = graph.schema.typeByKey(graph, node.classKey)
  if (type === undefined || type.kind !== "class") throw new Error(`node ${node.key} has no class in the store`)
  const candidates = candidatesOf(graph, type, method, owner)
  const [callable] = candidates
  const missing = toReaders(self, noMethod(type, method, text))
  if (callable === undefined) return refused(missing, self)
  if (candidates.length > 1) {
    const forms = candidates.map((each) => `${text}::${each.owner?.ref}:${method}`)
    return refused(
      toReaders(self, () =>
        notFound(`${method} is a method of several interfaces; call ${forms.join(" or ")}`, { forms })
      ),
      self
    )
  }
  if (callable.contract.static)
    return refused(
      toReaders(self, () => isStatic(type, method)),
      self,
      callable
    )
  return { callable, self, refuse: missing }
}

const isStatic = (type: NodeType, method: string): never => {
  const form = `/:${type.ref}:${method}`
  throw PorticoError.make("METHOD_IS_STATIC", `${method} is static; call it as ${form}`, { callAs: form })
}

const isInstance = (callable: CallableInfo): never => {
  const form = `<path of a ${callable.owner?.ref}>::${callable.name}`
  throw PorticoError.make("METHOD_IS_INSTANCE", `${callable.name} is called on a node; call it as ${form}`, {
    callAs: form
  })
}

const onType = (graph: Graph, address: StaticMethodAddress, self: Target | undefined): Route => {
  const ref = `${address.origin}:${address.owner.kind}.${address.owner.name}`
  const lookedUp = { text: `/:${ref}`, askedBefore: graph.asked }
  const type = graph.schema.type(graph, ref)
  const noType: Refuse = (op) => {
    askInVain(op.graph, lookedUp)
    throw PorticoError.make("CLASS_NOT_FOUND", `there is no ${address.owner.kind} ${ref} that you may use`, {
      class: ref
    })
  }
  if (type === undefined || type.kind === "edge") return refused(noType, self)
  const toTypeReaders =
    (refuse: Refuse): Refuse =>
    (op) => {
      const node = nodeByKey(op.graph, type.key)
      return node !== undefined && op.canRead(node) ? refuse(op) : noType(op)
    }
  const missing = toTypeReaders(() =>
    notFound(`${ref} has no method ${address.method}`, { class: ref, method: address.method })
  )
  const candidates = candidatesOf(graph, type, address.method, undefined)
  const [callable] = candidates
  if (callable === undefined) return refused(missing, self)
  if (candidates.length > 1) {
    const forms = candidates.map((each) => each.path)
    return refused(
      toTypeReaders(() =>
        notFound(`${address.method} is a method of several interfaces; call ${forms.join(" or ")}`, { forms })
      ),
      self
    )
  }
  return withSelf(graph, callable, self, missing, toTypeReaders)
}

/** A callable that was named without a node: a static one, or an instance method and the `self` beside it. */
const withSelf = (
  graph: Graph,
  callable: CallableInfo,
  self: Target | undefined,
  missing: Refuse,
  guard: (refuse: Refuse) => Refuse
): Route => {
  if (callable.contract.static || callable.owner === undefined) {
    if (self === undefined) return { callable, self, refuse: missing }
    return refused(
      guard(() => invalidSelf(`${callable.path} is not called on a node`)),
      undefined
    )
  }
  if (self === undefined)
    return refused(
      guard(() => isInstance(callable)),
      undefined,
      callable
    )
  const { node } = self
  if (self.deleted === true && callable.path === K.Node.restore.path) return { callable, self, refuse: missing }
  if (node === undefined || self.deleted === true) return refused((op) => op.missing(self), self)
  const { ref } = callable.owner
  if (fitsAny(graph, node, [ref])) return { callable, self, refuse: missing }
  return refused(
    toReaders(self, () => invalidSelf(`${self.text} is not a ${ref}`)),
    self
  )
}

const onNode = (graph: Graph, target: Target, self: Target | undefined): Route => {
  const { node } = target
  if (node === undefined) return refused((op) => op.missing(target))
  const hidden: Refuse = (op) => op.missing(target)
  const callable = isFunction(graph, node) ? graph.schema.callableByKey(graph, node.key) : undefined
  if (callable !== undefined) return withSelf(graph, callable, self, hidden, (refuse) => toReaders(target, refuse))
  return refused(
    toReaders(target, (op) => {
      const path = pathOf(op.graph, node)
      return notFound(`${path} is not a function; call one of its methods, for example ${path}::get`, { path })
    })
  )
}

const isFunction = (graph: Graph, node: NodeRecord): boolean =>
  graph.schema.typeByKey(graph, node.classKey)?.ref === K.Function.ref
