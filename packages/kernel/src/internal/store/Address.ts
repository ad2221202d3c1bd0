import { type Address, type NodeAddress, Path, PorticoError } from "@portico/schema"
import * as Result from "effect/Result"
import type { Graph } from "./Graph.ts"
import type { NodeRecord } from "./NodeRecord.ts"
import { childKey, childOf, nodeByKey, nodeByPath, rootOf } from "./nodes.ts"
import { nodeById } from "./places.ts"
import { Sieve } from "./Sieve.ts"
import { trashAt, trashById } from "./trash.ts"

/** A parsed address and the canonical text of the node that it names or starts at. */
export interface ParsedAddress {
  readonly address: Address
  readonly nodeText: string
}

/** Longer texts are parsed each time: they are rare, and remembering them would let a caller fill the memory. */
const rememberedLength = 512

/** A parser that remembers what it parsed lately. Parsing depends on nothing but the text. */
export const makeAddressParser = (capacity: number): ((text: string) => ParsedAddress) => {
  const known = new Sieve<string, ParsedAddress>(capacity)
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const parsed = parse(text)
    if (text.length <= rememberedLength) known.set(text, parsed)
    return parsed
  }
}

const parse = (text: string): ParsedAddress => {
  const parsed = Path.parse(text)
  if (Result.isFailure(parsed)) throw parsed.failure
  const address = parsed.success
  return { address, nodeText: Path.format(address._tag === "InstanceMethod" ? address.self : address) }
}

/** What was looked up, and what it may have cost. */
export interface LookedUp {
  /** The address as canonical text, for messages. */
  readonly text: string
  /** How often the store had been asked before; absent for a node that was at hand already. */
  readonly askedBefore?: number
}

/** Where an address leads: to its node, or to the nearest ancestor of where that would be. Ids have no ancestors. */
export interface Target extends LookedUp {
  readonly node: NodeRecord | undefined
  readonly nearest: NodeRecord | undefined
  /** Whether the node is in the trash. */
  readonly deleted?: true
}

/** The node of a parsed address, unchecked. */
export const locate = (graph: Graph, address: NodeAddress, text: string, askedBefore = graph.asked): Target => {
  const { nearest, node } = find(graph, address, text)
  return { text, node, nearest, askedBefore }
}

const find = (graph: Graph, address: NodeAddress, text: string): Pick<Target, "node" | "nearest"> => {
  switch (address._tag) {
    case "Tree":
      return nodeByPath(graph, text, address.slugs)
    case "Id": {
      const node = nodeById(graph, address.id)
      return { node, nearest: node }
    }
    case "Schema": {
      const entry = graph.schema.domain(graph, address.origin)
      const domain = entry === undefined ? undefined : nodeByKey(graph, entry.key)
      if (domain === undefined) return { node: undefined, nearest: rootOf(graph) }
      let node: NodeRecord | undefined = domain
      for (const slug of Path.schemaSlugs(address).slice(1)) {
        node = node === undefined ? undefined : childOf(graph, node.key, slug)
      }
      return { node, nearest: node ?? domain }
    }
  }
}

/** Answers that are waited for until it is known who asks, at most, whatever groups they are in. */
const aboutCaller = 4

/** No node has this key, and none is in it. */
const nowhere = -2

/** Names in an address: slugs, or as many as lead to the deepest node of a schema. What has an id is somewhere, too. */
const namesIn = (text: string): number =>
  text.startsWith("@") ? 2 : text.startsWith("/:") ? 4 : text.split("/").length - 1

/**
 * Asks the store in vain, until it was asked as often as looking up such an address, and what is granted there, may ask at
 * most: one question of each kind for each name, and what may be asked of Root and the trash. So nobody can tell from the
 * time that a refusal takes whether something is there, whether others use it, and whether anything is granted on it.
 *
 * Across a network what counts is how often an answer is waited for, in all, who asks included; and each time the work is
 * run again.
 */
export const askInVain = (graph: Graph, { askedBefore, text }: LookedUp): void => {
  if (askedBefore === undefined) return
  const most = 2 * namesIn(text) + 4
  const { waited } = graph
  if (waited === undefined) while (graph.asked < askedBefore + most) childKey(graph, nowhere, `${graph.asked}`)
  else if (waited < most + aboutCaller) childKey(graph, nowhere, `${waited}`)
}

/** What was deleted at an address or with an id, where no node of the tree is. */
export const locateDeleted = (graph: Graph, target: Target, address: NodeAddress): Target => {
  if (target.node !== undefined || address._tag === "Schema") return target
  const row = address._tag === "Id" ? trashById(graph, address.id) : trashAt(graph, target.text)
  const node = row === undefined ? undefined : nodeByKey(graph, row.node)
  return node === undefined ? target : { ...target, node, deleted: true }
}

/** An address that has to name a node. */
export const nodeAddress = (parsed: ParsedAddress): NodeAddress => {
  const { address } = parsed
  if (Path.isNodeAddress(address)) return address
  throw PorticoError.make("INVALID_PATH", `${parsed.nodeText}: this names a method, and a node is wanted here`, {
    path: parsed.nodeText
  })
}
