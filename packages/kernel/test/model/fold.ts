import { K } from "@portico/schema"
import type { Change } from "../../src/internal/changes/Change.ts"
import type { Caller } from "./callers.ts"
import { edgeFacts } from "./domain.ts"
import { maskAlong } from "./masks.ts"
import { chain, inTree, isUnder, type MNode, type Props, pathOf, type World } from "./World.ts"

/** What somebody may READ: nodes by id, and edges whose ends they may READ both. */
export interface Sight {
  readonly nodes: ReadonlyMap<string, { readonly path: string; readonly class: string; readonly props: Props }>
  readonly edges: ReadonlyMap<string, Props>
}

/** Which nodes are looked at, and on whose behalf. */
export interface Watching {
  readonly caller: Caller
  readonly root: string
  readonly known: { readonly has: (id: string) => boolean }
}

const reads = ({ caller }: Watching, now: World, then: World, node: MNode): boolean =>
  inTree(then, node) && (maskAlong(now, caller.halves, chain(then, node)) & 1) !== 0

/** A symmetric edge is the same from both its ends. */
const keyOf = (ref: string, source: string, target: string, slug = ""): string => {
  const ends = edgeFacts.get(ref)?.symmetric === true ? [source, target].sort() : [source, target]
  return [ref, ...ends, slug].join(" ")
}

const endsOf = (key: string): ReadonlyArray<string> => key.split(" ").slice(1, 3)

/** What the watcher may READ of the world of then, by what is granted now. */
export const sightOf = (watching: Watching, now: World, then: World): Sight => {
  const canRead = (id: string) => {
    const node = then.nodes.get(id)
    return node !== undefined && reads(watching, now, then, node)
  }
  const nodes = [...then.nodes.values()]
    .filter(({ id }) => watching.known.has(id) && canRead(id))
    .map((node) => [node.id, { path: pathOf(then, node), class: node.class, props: node.props }] as const)
  const edges = [
    ...then.edges.map(({ class: ref, props, slug, source, target }) => ({ ref, source, target, slug, props })),
    ...then.grants.map(({ identity, mask, node }) => ({
      ref: K.has_perm.ref,
      source: identity,
      target: node,
      slug: "",
      props: { [K.has_perm.mask.key]: mask }
    })),
    ...then.members.map(({ group, member }) => ({
      ref: K.member_of.ref,
      source: member,
      target: group,
      slug: "",
      props: {}
    }))
  ].filter(({ source, target }) => {
    return (watching.known.has(source) || watching.known.has(target)) && canRead(source) && canRead(target)
  })
  return {
    nodes: new Map(nodes),
    edges: new Map(edges.map(({ props, ref, slug, source, target }) => [keyOf(ref, source, target, slug), props]))
  }
}

/** What a watcher knows who reads once, and afterwards only what changes tell, and what these tell to read again. */
export class Fold {
  readonly #watching: Watching
  readonly #nodes: Map<string, { path: string; readonly class: string; readonly props: Props }>
  readonly #edges: Map<string, Props>

  constructor(watching: Watching, { edges, nodes }: Sight) {
    this.#watching = watching
    this.#nodes = new Map(nodes)
    this.#edges = new Map(edges)
  }

  get sight(): Sight {
    return { nodes: this.#nodes, edges: this.#edges }
  }

  /** Takes a change that was told now, when it was the world of then. */
  apply(change: Change, now: World, then: World): void {
    const { edge, node, op, under } = change
    if (under !== undefined) this.#readAgain(under === "/" ? then.root : under.slice(1), now, then)
    if (edge !== undefined) this.#edge(op, edge)
    if (node === undefined) return
    const { class: ref, id, path, props = {} } = node
    if (op === "create" || op === "update") this.#nodes.set(id, { path, class: ref, props })
    else if (op === "move") this.#rename(id, path)
    else if (op === "delete") this.#forget(id)
    else this.#readAgain(id, now, then)
  }

  #edge(op: string, { class: ref, props, slug, source, target }: NonNullable<Change["edge"]>): void {
    if (!this.#watching.known.has(source) && !this.#watching.known.has(target)) return
    const key = keyOf(ref, source, target, slug)
    const isGone = op === "unlink" || op === "removeMember" || (op === "revoke" && props[K.has_perm.mask.key] === 0)
    if (isGone) this.#edges.delete(key)
    else this.#edges.set(key, props)
  }

  /** Everything below a node, for what a watcher finds who asks for it. */
  #readAgain(top: string, now: World, then: World): void {
    if (!then.nodes.has(top)) return
    this.#forget(top)
    const { edges, nodes } = sightOf(this.#watching, now, then)
    const isBelow = (id: string) => {
      const node = then.nodes.get(id)
      return node !== undefined && isUnder(then, node, top)
    }
    for (const [id, node] of nodes) if (isBelow(id)) this.#nodes.set(id, node)
    for (const [key, props] of edges) if (endsOf(key).some(isBelow)) this.#edges.set(key, props)
  }

  #below(id: string): ReadonlyArray<string> {
    const top = this.#nodes.get(id)?.path
    if (top === undefined) return [id]
    return [...this.#nodes].flatMap(([each, { path }]) => (path === top || path.startsWith(`${top}/`) ? [each] : []))
  }

  #forget(id: string): void {
    const gone = new Set(id === this.#watching.root ? this.#nodes.keys() : this.#below(id))
    for (const each of gone) this.#nodes.delete(each)
    for (const key of [...this.#edges.keys()]) if (endsOf(key).some((end) => gone.has(end))) this.#edges.delete(key)
  }

  #rename(id: string, to: string): void {
    const from = this.#nodes.get(id)?.path
    if (from === undefined) return
    for (const each of this.#below(id)) {
      const node = this.#nodes.get(each)
      if (node !== undefined) node.path = to + node.path.slice(from.length)
    }
  }
}
