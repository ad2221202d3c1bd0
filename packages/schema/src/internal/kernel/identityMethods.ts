import * as Schema from "effect/Schema"
import { fn } from "../../Fn.ts"
import { address, Cursor, Limit, optionalAddress, Perms } from "./shapes.ts"

const Mask = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 15 }))

const whoami = fn({
  static: true,
  auth: "optional",
  description: "Who the caller is; nulls for a caller without a credential.",
  returns: Schema.Struct({
    id: Schema.NullOr(Schema.String),
    path: Schema.NullOr(Schema.String),
    class: Schema.NullOr(Schema.String),
    name: Schema.NullOr(Schema.String),
    groups: Schema.Array(Schema.Struct({ id: Schema.String, path: Schema.String }))
  })
})

const grantPerm = fn({
  description: "Adds bits to what this identity may do on a node and below it.",
  params: { node: address("on which node"), perms: Perms },
  returns: Schema.Struct({ mask: Mask })
})

const revokePerm = fn({
  description: "Takes bits away from this identity's own grant on a node.",
  params: { node: address("on which node"), perms: Perms },
  returns: Schema.Struct({ mask: Mask })
})

const listPerms = fn({
  description: "The grants that this identity has itself.",
  params: { limit: Limit, cursor: Cursor },
  returns: Schema.Struct({
    grants: Schema.Array(Schema.Struct({ node: Schema.String, path: Schema.String, mask: Mask })),
    next: Schema.optionalKey(Schema.String)
  })
})

const checkPerm = fn({
  static: true,
  description: "Whether an identity, or the caller, has all of some bits on a node.",
  params: { identity: optionalAddress("the caller unless given"), node: address("on which node"), perms: Perms },
  returns: Schema.Struct({ allowed: Schema.Boolean, mask: Mask, seq: Schema.Int })
})

/** What every identity can do. */
export const identityMethods = { whoami, grantPerm, revokePerm, listPerms, checkPerm }

const addMember = fn({
  description: "Makes an identity a member.",
  params: { member: address("the identity") },
  returns: Schema.Struct({ added: Schema.Boolean })
})

const removeMember = fn({
  description: "Ends a membership.",
  params: { member: address("the identity") },
  returns: Schema.Struct({ removed: Schema.Boolean })
})

const listMembers = fn({
  description: "The direct members that the caller may see.",
  params: { limit: Limit, cursor: Cursor },
  returns: Schema.Struct({
    members: Schema.Array(Schema.Struct({ id: Schema.String, path: Schema.String, class: Schema.String })),
    next: Schema.optionalKey(Schema.String)
  })
})

/** What groups and roles can do. */
export const memberMethods = { addMember, removeMember, listMembers }
