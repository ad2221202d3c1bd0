import { K } from "@portico/schema"
import { type Asking, denied, find, itself, need, nodeAt, READ, SHARE } from "./authorize.ts"
import type { Caller } from "./callers.ts"
import { logEdge } from "./log.ts"
import { bitNames, granted, halfMask, halvesOf, maskOf } from "./masks.ts"
import { factsOf } from "./nodes.ts"
import type { RequestOf } from "./requests.ts"
import { chain, inTree, isUnder, type MNode, pathOf, refuse, violated, type World } from "./World.ts"

const changeGrant = (
  asking: Asking,
  op: "grant" | "revoke",
  self: MNode,
  address: string,
  perms: number,
  change: (mask: number) => number
) => {
  const { caller, world } = asking
  const on = nodeAt(asking, address, SHARE, "param")
  const lacking = perms & ~maskOf(world, caller.halves, on)
  if (lacking !== 0) denied(asking, on, lacking, "param")
  const isIt = (grant: { readonly identity: string; readonly node: string }) =>
    grant.identity === self.id && grant.node === on.id
  const before = world.grants.find(isIt)?.mask ?? 0
  const mask = change(before)
  if (mask === before) return { mask }
  world.grants = world.grants.filter((grant) => !isIt(grant))
  if (mask !== 0) world.grants = [...world.grants, { identity: self.id, node: on.id, mask }]
  const props = (bits: number) => ({ [K.has_perm.mask.key]: bits })
  const edge = { class: K.has_perm.ref, source: self, target: on, slug: "" }
  logEdge(asking, op, edge, { before: props(before), after: props(mask) })
  return { mask }
}

export const grantPerm = (asking: Asking, self: MNode, { on, perms }: RequestOf<"grantPerm">) =>
  changeGrant(asking, "grant", self, on, perms, (mask) => mask | perms)

export const revokePerm = (asking: Asking, self: MNode, { on, perms }: RequestOf<"revokePerm">) =>
  changeGrant(asking, "revoke", self, on, perms, (mask) => mask & ~perms)

const membership = (asking: Asking, group: MNode, address: string) => {
  need(asking, itself(asking, group), SHARE, "resource")
  const member = nodeAt(asking, address, READ, "param")
  const isIt = (each: { readonly member: string; readonly group: string }) =>
    each.member === member.id && each.group === group.id
  return { member, isIt, known: asking.world.members.some(isIt) }
}

export const addMember = (asking: Asking, self: MNode, request: RequestOf<"addMember">) => {
  const { known, member } = membership(asking, self, request.member)
  if (factsOf(member).identity !== true) violated("ends")
  if (!known) {
    asking.world.members = [...asking.world.members, { member: member.id, group: self.id }]
    logEdge(asking, "addMember", { class: K.member_of.ref, source: member, target: self, slug: "" })
  }
  return { added: !known }
}

export const removeMember = (asking: Asking, self: MNode, request: RequestOf<"removeMember">) => {
  const { isIt, known, member } = membership(asking, self, request.member)
  if (known) logEdge(asking, "removeMember", { class: K.member_of.ref, source: member, target: self, slug: "" })
  if (known) asking.world.members = asking.world.members.filter((each) => !isIt(each))
  return { removed: known }
}

const isOwn = ({ caller: { halves } }: Asking, id: string): boolean =>
  halves !== "everything" && halves.some(({ identities }) => identities.includes(id))

/** All that an identity has. Everyone is whoever shows no credential, too, and has no more than that. */
const wholeOf = (world: World, { id }: MNode): Caller["halves"] => halvesOf(id === world.everyone ? undefined : id)

/** Whose standing a question is about: the caller's own, narrowed as it is, or all that another identity has. */
const about = (
  asking: Asking,
  address: string | undefined
): { readonly whose: Caller["halves"]; readonly own: boolean } => {
  if (address === undefined) return { whose: asking.caller.halves, own: true }
  const identity = nodeAt(asking, address, READ, "param")
  if (isOwn(asking, identity.id)) return { whose: asking.caller.halves, own: true }
  if (factsOf(identity).identity !== true) refuse("INVALID_PARAMS")
  return { whose: wholeOf(asking.world, identity), own: false }
}

export const checkPerm = (asking: Asking, { identity, on, perms }: RequestOf<"checkPerm" | "explainPerm">) => {
  const { own, whose } = about(asking, identity)
  const mask = maskOf(asking.world, whose, nodeAt(asking, on, own ? 0 : SHARE, "param"))
  return { allowed: (mask & perms) === perms, mask }
}

/** As much of the derivation as follows from the sentences: the masks of each half, before and after its bounds. */
export const explainPerm = (asking: Asking, request: RequestOf<"explainPerm">) => {
  const { world } = asking
  const { allowed, mask } = checkPerm(asking, request)
  const { whose } = about(asking, request.identity)
  const node = find(world, request.on).node
  const above = node === undefined ? [] : chain(world, node)
  return {
    allowed,
    mask,
    missing: bitNames(request.perms & ~mask),
    halves: (whose === "everything" ? [] : whose).map((half) => ({
      half: half.kind,
      granted: granted(world, half, above),
      mask: halfMask(world, half, above)
    }))
  }
}

/** Nodes of a subtree on which somebody has all of some bits, and the asker SHARE where that is another. */
export const listAccessible = (asking: Asking, request: RequestOf<"listAccessible">) => {
  const { caller, world } = asking
  const { own, whose } = about(asking, request.identity)
  const under = nodeAt(asking, request.under, READ, "param")
  const holds = (node: MNode) => {
    const [mask, mine] = [maskOf(world, whose, node), maskOf(world, caller.halves, node)]
    if (mask === 0 || (mask & request.perms) !== request.perms) return false
    return own || (mine & (READ | SHARE)) === (READ | SHARE)
  }
  return [...world.nodes.values()]
    .filter((node) => inTree(world, node) && isUnder(world, node, under.id) && holds(node))
    .filter((node) => request.class === undefined || node.class === request.class)
    .map((node) => ({ id: node.id, path: pathOf(world, node) }))
    .sort((a, b) => comparePaths(a.path, b.path))
}

const comparePaths = (a: string, b: string): number => {
  const [left, right] = [a.split("/"), b.split("/")]
  const at = left.findIndex((slug, i) => slug !== right[i])
  if (at < 0) return left.length - right.length
  return right[at] === undefined ? 1 : (left[at] ?? "") < (right[at] ?? "") ? -1 : 1
}

export const listHolders = (asking: Asking, self: MNode, { perms }: RequestOf<"listHolders">) => {
  const { caller, world } = asking
  need(asking, itself(asking, self), SHARE, "resource")
  return [...world.nodes.values()]
    .filter((node) => factsOf(node).identity === true && (maskOf(world, caller.halves, node) & READ) !== 0)
    .map((node) => {
      return { id: node.id, path: pathOf(world, node), mask: maskOf(world, wholeOf(world, node), self) }
    })
    .filter(({ mask }) => mask !== 0 && (mask & perms) === perms)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

export const listPerms = (asking: Asking, self: MNode) => {
  const { caller, world } = asking
  const needs = isOwn(asking, self.id) ? READ : READ | SHARE
  return world.grants
    .filter(({ identity }) => identity === self.id)
    .flatMap(({ mask, node: id }) => {
      const node = world.nodes.get(id)
      const seen = node !== undefined && (maskOf(world, caller.halves, node) & needs) === needs
      return seen ? [{ node: id, path: pathOf(world, node), mask }] : []
    })
    .sort((a, b) => (a.node < b.node ? -1 : 1))
}

export const listMembers = (asking: Asking, self: MNode) => {
  const { caller, world } = asking
  return world.members
    .filter(({ group }) => group === self.id)
    .flatMap(({ member }) => {
      const node = world.nodes.get(member)
      const seen = node !== undefined && (maskOf(world, caller.halves, node) & READ) !== 0
      return seen ? [{ id: node.id, path: pathOf(world, node), class: node.class }] : []
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

export const whoami = ({ caller: { halves }, world }: Asking) => {
  const half = halves === "everything" ? undefined : (halves.find(({ kind }) => kind === "caller") ?? halves[0])
  const node = world.nodes.get(half?.identities[0] ?? "")
  if (node === undefined || !inTree(world, node)) return { id: null, path: null, class: null, groups: [] }
  const groups = world.members
    .filter(({ member }) => member === node.id)
    .flatMap(({ group }) => world.nodes.get(group) ?? [])
    .filter((group) => inTree(world, group))
    .map((group) => ({ id: group.id, path: pathOf(world, group) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  return { id: node.id, path: pathOf(world, node), class: node.class, groups }
}
