import { ALL, USE } from "@portico/schema"
import type { Authority, Bound, Half } from "../../Authority.ts"
import type { Graph } from "../store/Graph.ts"
import { isInTree, type Place, placeById, placeByKey } from "../store/places.ts"
import { type Area, isUnder, within } from "./arithmetic.ts"
import { actingIn, everClosureOf, maskOn, ownMask, type Subject, subjectOf } from "./subject.ts"

/** One half of an authority, looked up in the graph. */
export interface StandingHalf {
  readonly kind: Half["kind"]
  /** Keys of the identities that act, without the groups that they are members of. */
  readonly acting: ReadonlyArray<number>
  readonly subject: Subject
  /** Each narrows what the ones before left. */
  readonly areas: ReadonlyArray<Area<number>>
  /** Keys of the only callables that may be called, or of what they are below: one of each set. */
  readonly callables: ReadonlyArray<ReadonlySet<number>>
}

/** Which half of an authority allowed a change: one of them by itself, or only both together. */
export type AllowedBy = "caller" | "function" | "both" | "system"

const none: ReadonlyArray<never> = []

/** An authority, looked up in the graph: it answers masks. */
export class Standing {
  readonly authority: Authority
  readonly #graph: Graph
  #halves: ReadonlyArray<StandingHalf>
  /** Whether the subjects are the remembered ones; these must not be asked while grants are being changed. */
  #remembered: boolean

  constructor(graph: Graph, authority: Authority) {
    this.authority = authority
    this.#graph = graph
    this.#remembered = graph.caches.subjects !== undefined
    this.#halves = authority.halves.map((half) => new LookedUpHalf(graph, half))
  }

  /** Whether a credential was shown. */
  get anonymous(): boolean {
    return this.authority.system !== true && this.authority.halves.every((half) => half.identity === null)
  }

  /** The bits on a node. */
  mask(node: Place): number {
    if (this.authority.system === true) return isInTree(this.#graph, node) ? ALL : 0
    let mask = 0
    for (const half of this.#current()) mask |= this.#maskOf(half, node)
    return mask
  }

  /** The bits on a node before any bound is applied: what the identities behind the authority hold. */
  unboundMask(node: Place): number {
    if (this.authority.system === true) return ALL
    let mask = 0
    for (const half of this.#current()) mask |= maskOn(this.#graph, half.subject, node)
    return mask
  }

  /**
   * The bits on a node that is, or was, where `chain` says: the keys of its ancestors and its own. Whatever was granted
   * on those nodes counts, wherever they are now.
   */
  maskAlong(chain: ReadonlyArray<number>): number {
    if (this.authority.system === true) return ALL
    let mask = 0
    for (const half of this.#current()) mask |= this.#maskAlong(half, chain)
    return mask
  }

  /** {@link maskAlong} before any bound is applied. */
  unboundMaskAlong(chain: ReadonlyArray<number>): number {
    if (this.authority.system === true) return ALL
    let mask = 0
    for (const half of this.#current()) mask |= this.#grantedAlong(half, chain)
    return mask
  }

  #maskAlong(half: StandingHalf, chain: ReadonlyArray<number>): number {
    return half.areas.reduce(
      (left, { nodes, perms }) => {
        const covers = nodes === "all" || chain.some((key) => nodes.has(key))
        return covers ? left & perms : 0
      },
      this.#grantedAlong(half, chain)
    )
  }

  #grantedAlong({ subject }: StandingHalf, chain: ReadonlyArray<number>): number {
    let mask = 0
    for (const key of chain) {
      const node = placeByKey(this.#graph, key)
      if (node !== undefined) mask |= ownMask(this.#graph, node, subject)
    }
    return mask
  }

  /**
   * The bits on a class. A class does nothing by itself, and what is made of it is made where the caller may; so a
   * bound takes its bits from here, too, but its area says nothing about where classes are declared.
   */
  classMask(node: Place): number {
    if (this.authority.system === true) return ALL
    let mask = 0
    for (const half of this.#current()) {
      mask |= half.areas.reduce((left, { perms }) => left & perms, maskOn(this.#graph, half.subject, node))
    }
    return mask
  }

  /**
   * The bits on a callable. The kernel's own operations reach nothing that the caller may not reach on the nodes
   * themselves, so bounds are applied there. Whatever a module or a domain implements has standing of its own: a bound
   * that leaves it out keeps it out.
   */
  callableMask(node: Place, isOperation: boolean): number {
    if (this.authority.system === true) return ALL
    let mask = 0
    for (const half of this.#current()) {
      const bits = isOperation ? maskOn(this.#graph, half.subject, node) : this.#maskOf(half, node)
      mask |= this.#mayCall(half, node, isOperation) ? bits : bits & ~USE
    }
    return mask
  }

  /** What a function does by the kernel's operations is limited by what they reach; the function itself was named. */
  #mayCall({ callables }: StandingHalf, node: Place, isOperation: boolean): boolean {
    if (callables.length === 0 || (isOperation && this.authority.depth > 0)) return true
    return callables.every((named) => isUnder(this.#parentOf, named, node.key))
  }

  /** Which half has all of `needs` on a node, given that they have them together. */
  allowedBy(node: Place, needs: number): AllowedBy {
    if (this.authority.system === true) return "system"
    for (const half of this.#current()) if ((this.#maskOf(half, node) & needs) === needs) return half.kind
    return "both"
  }

  /** {@link allowedBy} on a node that is, or was, where `chain` says. */
  allowedAlong(chain: ReadonlyArray<number>, needs: number): AllowedBy {
    if (this.authority.system === true) return "system"
    for (const half of this.#current()) if ((this.#maskAlong(half, chain) & needs) === needs) return half.kind
    return "both"
  }

  /** The halves as the graph has them now. None where the instance itself asks. */
  get halves(): ReadonlyArray<StandingHalf> {
    return this.authority.system === true ? [] : this.#current()
  }

  /** Keys of every identity that counts or would, were it not in the trash. */
  everClosure(): ReadonlySet<number> {
    const ids = this.authority.halves.flatMap((half) => (half.identity === null ? [] : [half.identity, ...half.also]))
    return everClosureOf(this.#graph, ids)
  }

  #maskOf(half: StandingHalf, node: Place): number {
    const mask = maskOn(this.#graph, half.subject, node)
    if (half.areas.length === 0 || mask === 0) return mask
    return within(this.#parentOf, half.areas, node.key, mask)
  }

  readonly #parentOf = (key: number): number | undefined => {
    const parent = placeByKey(this.#graph, key)?.parent
    return parent === 0 ? undefined : parent
  }

  #current(): ReadonlyArray<StandingHalf> {
    const remembered = this.#graph.caches.subjects !== undefined
    if (remembered !== this.#remembered || !remembered) {
      this.#remembered = remembered
      this.#halves = this.authority.halves.map((half) => new LookedUpHalf(this.#graph, half))
    }
    return this.#halves
  }
}

/** A class, since a getter in a literal is made anew for each call. */
class LookedUpHalf implements StandingHalf {
  readonly kind: Half["kind"]
  readonly subject: Subject
  readonly areas: StandingHalf["areas"]
  readonly callables: StandingHalf["callables"]
  readonly #graph: Graph
  readonly #half: Half

  constructor(graph: Graph, half: Half) {
    this.#graph = graph
    this.#half = half
    this.kind = half.kind
    this.subject = subjectOf(graph, half.identity, half.also)
    const isBound = half.bounds.length > 0
    this.areas = isBound ? half.bounds.map((bound) => areaOf(graph, bound)) : none
    this.callables = isBound
      ? half.bounds.flatMap(({ functions }) => (functions === undefined ? [] : [keysOf(graph, functions)]))
      : none
  }

  get acting(): ReadonlyArray<number> {
    return actingIn(this.#graph, this.#half.identity, this.#half.also)
  }
}

const areaOf = (graph: Graph, bound: Bound): Area<number> => {
  // Never wider than the bits that exist, whatever a credential says.
  const perms = Number.isInteger(bound.perms) && bound.perms >= 0 ? bound.perms & ALL : 0
  return { nodes: bound.nodes === "all" ? "all" : keysOf(graph, bound.nodes), perms }
}

const keysOf = (graph: Graph, ids: ReadonlyArray<string>): ReadonlySet<number> =>
  new Set(ids.map((id) => placeById(graph, id)?.key).filter((key) => key !== undefined))
