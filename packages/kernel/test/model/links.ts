import { kernelOrigin } from "@portico/schema"
import { type Asking, classNode, nodeAt, READ, requireEdit, USE } from "./authorize.ts"
import { type EdgeFacts, edgeFacts } from "./domain.ts"
import { logEdge } from "./log.ts"
import { maskOf } from "./masks.ts"
import { newProps, patched, sameProps } from "./props.ts"
import type { NewLink, RequestOf } from "./requests.ts"
import { inTree, isThere, type MChange, type MEdge, type MNode, refuse, violated, type World } from "./World.ts"

interface EdgeType {
  readonly ref: string
  readonly facts: EdgeFacts
}

const typeFor = (asking: Asking, ref: string, needs: number): EdgeType => {
  classNode(asking, ref, needs, "edge class")
  if (ref.startsWith(`${kernelOrigin}:`)) return violated("kernelEdge")
  const facts = edgeFacts.get(ref)
  // A class of nodes is no class of edges.
  return facts === undefined
    ? refuse("CLASS_NOT_FOUND", `there is no edge class ${ref} that you may use`)
    : { ref, facts }
}

/** Whether an edge goes between two nodes; a symmetric one does so both ways. */
export const joins = (edge: MEdge, source: string, target: string): boolean =>
  (edge.source === source && edge.target === target) ||
  (edgeFacts.get(edge.class)?.symmetric === true && edge.source === target && edge.target === source)

export const edgeBetween = (world: World, ref: string, source: MNode, target: MNode, slug = "") =>
  world.edges.find((edge) => edge.class === ref && edge.slug === slug && joins(edge, source.id, target.id))

/** Edges of a class at one end of a node whose other end is there. */
export const degree = (world: World, ref: string, node: string, end: 0 | 1): number => {
  const symmetric = edgeFacts.get(ref)?.symmetric === true
  return world.edges.filter(
    (edge) =>
      edge.class === ref &&
      isThere(world, edge.source) &&
      isThere(world, edge.target) &&
      ((edge.source === node && (end === 0 || symmetric)) || (edge.target === node && (end === 1 || symmetric)))
  ).length
}

/** Whether edges of a class, between nodes that are there, lead from one node to another. */
export const leads = (world: World, ref: string, from: string, to: string, seen: ReadonlyArray<string> = []): boolean =>
  from === to ||
  world.edges.some(
    (edge) =>
      edge.class === ref &&
      edge.source === from &&
      isThere(world, edge.target) &&
      !seen.includes(from) &&
      leads(world, ref, edge.target, to, [...seen, from])
  )

const checkNew = (world: World, { facts, ref }: EdgeType, source: MNode, target: MNode): void => {
  for (const [end, node] of [source, target].entries()) {
    if (facts.ends[end === 0 ? 0 : 1].includes(node.class) === false) violated("ends")
  }
  if (facts.noSelf === true && source.id === target.id) violated("noSelf")
  const doubled = world.edges.some((edge) => edge.class === ref && joins(edge, source.id, target.id))
  if (facts.unique === true && doubled) violated("unique")
  if (degree(world, ref, source.id, 0) >= facts.most[0]) violated("cardinality")
  if (degree(world, ref, target.id, 1) >= facts.most[1]) violated("cardinality")
  if (facts.acyclic === true && leads(world, ref, target.id, source.id)) refuse("CYCLE")
}

/** An edge as it is answered to whoever asked its source. */
export const edgeView = (edge: MEdge, source: string, target: string) => ({
  class: edge.class,
  source,
  target,
  ...(edge.slug === "" ? undefined : { slug: edge.slug }),
  props: edge.props,
  rev: edge.rev
})

const checkRev = (rev: number, ifRev: number | undefined): void => {
  if (ifRev !== undefined && ifRev !== rev) refuse("REV_CONFLICT", undefined, { rev })
}

const replace = (world: World, old: MEdge, edge: MEdge): MEdge => {
  world.edges = world.edges.map((each) => (each === old ? edge : each))
  return edge
}

export const addLink = (
  asking: Asking,
  source: MNode,
  request: NewLink & { readonly onConflict?: string; readonly ifRev?: number }
) => {
  const { seq, world } = asking
  const type = typeFor(asking, request.edgeClass, USE)
  const target = nodeAt(asking, request.target, READ, "param")
  const { onConflict = "fail", props = {}, slug = "" } = request
  const known = edgeBetween(world, type.ref, source, target, slug)
  if (known === undefined) {
    if (request.ifRev !== undefined) refuse("REV_CONFLICT")
    checkNew(world, type, source, target)
    const made = newProps(type.facts.props, props)
    const edge = { class: type.ref, source: source.id, target: target.id, slug, props: made, rev: seq }
    world.edges = [...world.edges, edge]
    logEdge(asking, "link", { class: type.ref, source, target, slug }, { before: {}, after: made })
    return edgeView(edge, source.id, target.id)
  }
  if (onConflict === "fail") return refuse("PATH_CONFLICT")
  checkRev(known.rev, request.ifRev)
  if (onConflict === "skip") return edgeView(known, source.id, target.id)
  return edgeView(patchEdge(asking, type, known, props, source, target), source.id, target.id)
}

const patchEdge = (
  asking: Asking,
  { facts }: EdgeType,
  edge: MEdge,
  patch: RequestOf<"updateLink">["props"],
  source: MNode,
  target: MNode,
  unset?: ReadonlyArray<string>
): MEdge => {
  const { class: ref, props: before, slug } = edge
  const props = patched(facts.props, before, patch, unset)
  if (sameProps(props, before)) return edge
  logEdge(asking, "updateLink", { class: ref, source, target, slug }, { before, after: props })
  return replace(asking.world, edge, { ...edge, props, rev: asking.seq })
}

const visibleEdge = (asking: Asking, self: MNode, request: RequestOf<"unlink" | "updateLink">) => {
  requireEdit(asking, self)
  const type = typeFor(asking, request.edgeClass, 0)
  const target = nodeAt(asking, request.target, READ, "param")
  const edge = edgeBetween(asking.world, type.ref, self, target, request.slug) ?? refuse("NOT_FOUND")
  checkRev(edge.rev, request.ifRev)
  return { type, target, edge }
}

export const link = (asking: Asking, self: MNode, request: RequestOf<"link">) => {
  requireEdit(asking, self)
  return addLink(asking, self, request)
}

export const unlink = (asking: Asking, self: MNode, request: RequestOf<"unlink">) => {
  const { world } = asking
  const { edge, target, type } = visibleEdge(asking, self, request)
  world.edges = world.edges.filter((each) => each !== edge)
  const { class: ref, props, slug } = edge
  logEdge(asking, "unlink", { class: ref, source: self, target, slug }, { before: props, after: {} })
  inTheEnd(asking, () => {
    if (type.facts.least !== undefined && isThere(world, edge.source)) checkLeast(world, type.ref, edge.source)
  })
  return { deleted: 1 }
}

export const updateLink = (asking: Asking, self: MNode, request: RequestOf<"updateLink">) => {
  const { edge, target, type } = visibleEdge(asking, self, request)
  return edgeView(patchEdge(asking, type, edge, request.props, self, target, request.unset), self.id, target.id)
}

/** Refuses a node that starts fewer edges than it has to. */
export const checkLeast = (world: World, ref: string, node: string): void => {
  if (degree(world, ref, node, 0) < 1) violated("cardinality")
}

/** Checks at once, or after the last change of a batch. */
export const inTheEnd = ({ atEnd }: Asking, check: () => void): void => {
  if (atEnd === undefined) check()
  else atEnd.push(check)
}

/** Whether edges between nodes that are there hold to what their classes declare; or why not. */
export const checkEdges = (world: World, which: (edge: MEdge) => boolean): void => {
  for (const edge of world.edges.filter(which)) {
    const facts = edgeFacts.get(edge.class)
    if (facts === undefined || !isThere(world, edge.source) || !isThere(world, edge.target)) continue
    if (degree(world, edge.class, edge.source, 0) > facts.most[0]) violated("cardinality")
    if (degree(world, edge.class, edge.target, 1) > facts.most[1]) violated("cardinality")
    if (facts.acyclic === true && leads(world, edge.class, edge.target, edge.source)) refuse("CYCLE")
  }
}

/** Puts the edges that start at a node back as they were, as far as the other node is there and may be READ. */
export const restoreLinks = (asking: Asking, self: MNode, seq: number): void => {
  const { world } = asking
  const own = world.log.filter(({ edge, op, seq: at }) => {
    if (edge === undefined || at <= seq || !["link", "updateLink", "unlink"].includes(op)) return false
    return edge.source === self.id || (edge.target === self.id && edgeFacts.get(edge.class)?.symmetric === true)
  })
  const first = new Map<string, { readonly past: MChange; readonly target: MNode }>()
  for (const past of own) {
    const { class: ref = "", slug = "", source = "", target: end = "" } = past.edge ?? {}
    const target = world.nodes.get(source === self.id ? end : source)
    if (target === undefined || !inTree(world, target) || (maskOf(world, asking.caller.halves, target) & READ) === 0)
      continue
    const name = [ref, target.id, slug].join(" ")
    if (!first.has(name)) first.set(name, { past, target })
  }
  const atEnd: Array<() => void> = []
  const late = { ...asking, atEnd }
  const links = [...first.values()].map(({ past, target }) => {
    const { class: edgeClass = "", slug = "" } = past.edge ?? {}
    return { past, target, link: { edgeClass, target: `@${target.id}`, ...(slug === "" ? undefined : { slug }) } }
  })
  for (const { link: at, past, target } of links) {
    const known = edgeBetween(world, at.edgeClass, self, target, at.slug)
    if (past.op === "link" && known !== undefined) unlink(late, self, { op: "unlink", node: `@${self.id}`, ...at })
  }
  for (const { link: at, past, target } of links) {
    const known = edgeBetween(world, at.edgeClass, self, target, at.slug)
    const { before = {} } = past
    const facts = edgeFacts.get(at.edgeClass)
    if (past.op === "link" || facts === undefined) continue
    if (known === undefined) addLink(asking, self, { ...at, props: before })
    else {
      const unset = Object.keys(known.props).filter((key) => !Object.hasOwn(before, key))
      patchEdge(asking, { ref: at.edgeClass, facts }, known, before, self, target, unset)
    }
  }
  for (const check of atEnd) check()
}
