import { address, at, fitting, given, identity, isContainer, masks, type Names, slugs } from "./choose.ts"
import type { Request } from "./requests.ts"

export const others = {
  restore: (names: Names, a: number, b: number, c: number, d: number): Request => {
    const gone = [...names.world.nodes.values()].filter(({ trash }) => trash !== undefined)
    const node = c % 8 === 7 || gone.length === 0 ? address(names, a, b) : `@${at(gone, a).id}`
    const path = gone.find(({ id }) => node === `@${id}`)?.trash?.path
    return {
      op: "restore",
      node: b % 2 === 0 && path !== undefined ? path : node,
      ...given("path", c % 4 === 0 ? `${fitting(names, isContainer, b, 1)}/${at(slugs, d)}` : undefined),
      ...given("seq", gone.length === 0 || d % 4 === 0 ? at(names.seqs, d) : undefined)
    }
  },
  grantPerm: (names: Names, a: number, b: number, c: number, d: number): Request => ({
    op: "grantPerm",
    node: identity(names, a, d),
    on: granting(names, a, b, d),
    perms: at(masks, c)
  }),
  revokePerm: (names: Names, a: number, b: number, c: number, d: number): Request => {
    const own = names.world.grants.filter(
      ({ identity: id, node }) => names.known.includes(id) && names.known.includes(node)
    )
    const grant = own[a % Math.max(1, own.length)]
    if (grant !== undefined && d % 4 !== 3) {
      return { op: "revokePerm", node: `@${grant.identity}`, on: `@${grant.node}`, perms: at(masks, c) }
    }
    return { op: "revokePerm", node: identity(names, a, d), on: granting(names, a, b, d), perms: at(masks, c) }
  },
  addMember: (names: Names, a: number, b: number, c: number, d: number): Request => ({
    op: "addMember",
    node: groupAt(names, a, c),
    member: identity(names, b < 30 ? b : 0, d)
  }),
  removeMember: (names: Names, a: number, b: number, c: number, d: number): Request => {
    const own = names.world.members.filter(({ group }) => names.known.includes(group))
    const one = own[a % Math.max(1, own.length)]
    return one !== undefined && d % 4 !== 3
      ? { op: "removeMember", node: `@${one.group}`, member: `@${one.member}` }
      : { op: "removeMember", node: groupAt(names, a, c), member: identity(names, b < 30 ? b : 0, d) }
  }
}

/** Now and then it is no group. */
const groupAt = (names: Names, pick: number, form: number): string =>
  address(names, pick < 28 ? 8 + (pick % 2) : pick, form)

/** Nobody but a sequence's own identities is granted anything outside of it, so that no other sequence meets it. */
const granting = (names: Names, who: number, pick: number, form: number): string => {
  if (pick === 31 && who < 24) return "/"
  if (pick === 30 && who < 24) return "/model.example.dev/class.Rare"
  return address(names, pick, form)
}
