import { K } from "@portico/schema"
import type { Caller } from "./callers.ts"
import { classFacts } from "./domain.ts"
import { bitNames, classMask, maskAlong, maskOf, unbound } from "./masks.ts"
import { chainAsIf, childrenOf, inTree, type MNode, pathOf, refuse, type World } from "./World.ts"

export const [READ, EDIT, USE, SHARE] = [1, 2, 4, 8] as const

/** Who asks, and of what. */
export interface Asking {
  readonly world: World
  readonly caller: Caller
  /** Number of the commit that a change would be. */
  readonly seq: number
  readonly now: number
  readonly newId: () => string
  /** The world after earlier commits, by their numbers, ascending. */
  readonly earlier: ReadonlyArray<readonly [seq: number, world: World]>
  /** Of a batch: what has to hold after its last change. */
  readonly atEnd?: Array<() => void>
}

interface Target {
  readonly text: string
  readonly node: MNode | undefined
  readonly nearest: MNode | undefined
}

const childAt = (world: World, parent: MNode, slug: string): MNode | undefined =>
  childrenOf(world, parent.id).find((child) => child.slug === slug)

/** Where an address leads: `@id`, or a path from Root down. */
export const find = (world: World, text: string): Target => {
  if (text.startsWith("@")) {
    const node = world.nodes.get(text.slice(1))
    const there = node !== undefined && inTree(world, node) ? node : undefined
    return { text, node: there, nearest: there }
  }
  let at = world.nodes.get(world.root)
  for (const slug of text === "/" ? [] : text.slice(1).split("/")) {
    const next: MNode | undefined = at === undefined ? undefined : childAt(world, at, slug)
    if (next === undefined) return { text, node: undefined, nearest: at }
    at = next
  }
  return { text, node: at, nearest: at }
}

/** What was deleted with this id, or last at this path. */
const findDeleted = (world: World, text: string): MNode | undefined => {
  const deleted = [...world.nodes.values()].filter(({ trash }) => trash !== undefined)
  if (text.startsWith("@")) return deleted.find(({ id }) => id === text.slice(1))
  return deleted
    .filter(({ trash }) => trash?.path === text)
    .sort((a, b) => (b.trash?.seq ?? 0) - (a.trash?.seq ?? 0))[0]
}

/** "Missing and hidden read the same to one who may not READ the nearest existing ancestor"; to one who may, errors are exact. */
export const missing = ({ caller, world }: Asking, text: string, nearest: MNode | undefined): never => {
  const exact = nearest !== undefined && (maskOf(world, caller.halves, nearest) & READ) !== 0
  return refuse("NOT_FOUND", `${text} does not exist${exact ? "" : ", or you may not see it"}`, { path: text })
}

type Phase = "type" | "resource" | "param"

const formatted = (mask: number): string => bitNames(mask).join(", ")

export const denied = ({ world }: Asking, node: MNode, needs: number, phase: Phase): never => {
  const on = pathOf(world, node)
  return refuse("PERMISSION_DENIED", `needs ${formatted(needs)} on ${on}`, { needs: bitNames(needs), on, phase })
}

/** The node, if the caller holds `needs` on it, and any bit at all. */
export const need = (asking: Asking, { nearest, node, text }: Target, needs: number, phase: Phase): MNode => {
  if (node === undefined) return missing(asking, text, nearest)
  const mask = maskOf(asking.world, asking.caller.halves, node)
  if ((mask & needs) === needs && mask !== 0) return node
  if ((mask & READ) === 0) return missing(asking, text, undefined)
  return denied(asking, node, needs & ~mask, phase)
}

export const nodeAt = (asking: Asking, text: string, needs: number, phase: Phase): MNode =>
  need(asking, find(asking.world, text), needs, phase)

/** A node that is there, as the target of its own path. */
export const itself = (asking: Asking, node: MNode): Target => ({
  text: pathOf(asking.world, node),
  node,
  nearest: node
})

/** Who could READ and EDIT what was deleted, were it still where it was. */
export const maySeeDeleted = ({ caller, world }: Asking, node: MNode): boolean =>
  (maskAlong(world, caller.halves, chainAsIf(world, node)) & (READ | EDIT)) === (READ | EDIT)

/** Methods that a caller without a credential may call. */
const optional = new Set([
  "get",
  "getLink",
  "getLinks",
  "countLinks",
  "listChildren",
  "countChildren",
  "getTree",
  "query",
  "whoami"
])

const ofIdentities = new Set([
  "grantPerm",
  "revokePerm",
  "listPerms",
  "checkPerm",
  "explainPerm",
  "listAccessible",
  "whoami"
])
const ofGroups = new Set(["addMember", "removeMember", "listMembers"])

/** Path of the Function node of a method; `undefined` where the class has none of that name. */
const functionPath = (op: string, node: MNode | undefined): string | undefined => {
  const facts = classFacts.get(node?.class ?? "")
  const at = (place: string) => `/${K.Node.ref.split(":")[0]}/${place}/${op}`
  if (ofGroups.has(op)) return facts?.group === true ? at(`class.${node?.class.split(".").at(-1)}`) : undefined
  if (!ofIdentities.has(op)) return at("interface.Node")
  return node === undefined || facts?.identity === true ? at("interface.Identity") : undefined
}

const isAnonymous = ({ caller: { halves } }: Asking): boolean =>
  halves !== "everything" && halves.every(({ identities }) => identities.length === 0)

/**
 * What is checked before a call does anything, in this order: that the caller may know of the node, a credential, USE on
 * the function, and what the function needs on the node.
 */
export const authorize = (asking: Asking, op: string, address: string | undefined): MNode | undefined => {
  const { caller, world } = asking
  const target = address === undefined ? undefined : find(world, address)
  const deleted =
    op === "restore" && address !== undefined && target?.node === undefined ? findDeleted(world, address) : undefined
  if (target !== undefined && deleted === undefined) know(asking, op, target)
  if (target !== undefined && deleted !== undefined && !maySeeDeleted(asking, deleted)) {
    missing(asking, target.text, target.nearest)
  }
  if (!optional.has(op) && isAnonymous(asking)) refuse("UNAUTHENTICATED")
  const place = functionPath(op, target?.node)
  const callable = place === undefined ? undefined : find(world, place).node
  if (callable === undefined) throw new Error(`the model knows no function ${place}`)
  if ((maskOf(world, unbound(caller.halves), callable) & USE) === 0) denied(asking, callable, USE, "type")
  if (target === undefined || deleted !== undefined) return deleted
  return need(asking, target, needsOf(op), "resource")
}

const needsOf = (op: string): number => (op === "restore" ? EDIT : READ)

const know = (asking: Asking, op: string, { nearest, node, text }: Target): MNode => {
  if (node === undefined) return missing(asking, text, nearest)
  const mask = maskOf(asking.world, asking.caller.halves, node)
  if (functionPath(op, node) === undefined) {
    if ((mask & READ) === 0) missing(asking, text, undefined)
    refuse("METHOD_NOT_FOUND")
  }
  return (mask & (READ | needsOf(op))) === 0 ? missing(asking, text, undefined) : node
}

/** The node of a class that a param names: a hidden class and a missing one read alike. */
export const classNode = (asking: Asking, ref: string, needs: number, what: string): MNode => {
  const { caller, world } = asking
  const [origin, member] = ref.split(":")
  const { node } = find(world, `/${origin}/${member}`)
  const unknown = () => refuse("CLASS_NOT_FOUND", `there is no ${what} ${ref} that you may use`, { class: ref })
  if (node === undefined) return unknown()
  const [known, mask] = [maskOf(world, unbound(caller.halves), node), classMask(world, caller.halves, node)]
  if ((mask & needs) === needs && known !== 0) return node
  return (known & READ) === 0 ? unknown() : denied(asking, node, needs & ~mask, "type")
}

export const requireEdit = (asking: Asking, node: MNode): MNode => need(asking, itself(asking, node), EDIT, "resource")
