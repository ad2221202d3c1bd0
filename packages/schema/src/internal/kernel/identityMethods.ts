import * as Schema from "effect/Schema"
import { fn } from "../../Fn.ts"
import { credentialMethods } from "./credentialMethods.ts"
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

const BitNames = Schema.Array(Schema.Literals(["READ", "EDIT", "USE", "SHARE"]))

/** A grant that counts. What the asker may not see is left out, not the grant itself. */
const DerivedGrant = Schema.Struct({
  perms: BitNames,
  mask: Mask,
  node: Schema.optionalKey(Schema.String.annotate({ description: "path of the node that it is on" })),
  inherited: Schema.Boolean.annotate({ description: "whether it is on an ancestor" }),
  identity: Schema.optionalKey(Schema.String.annotate({ description: "path of the identity that holds it" })),
  through: Schema.Array(Schema.String).annotate({
    description: "paths of the groups on the way from the identity that is asked about to the one that holds the grant"
  })
})

const explainPerm = fn({
  static: true,
  description: "Why an identity, or the caller, may or may not do something on a node. Agrees with checkPerm.",
  params: { identity: optionalAddress("the caller unless given"), node: address("on which node"), perms: Perms },
  returns: Schema.Struct({
    allowed: Schema.Boolean,
    mask: Mask,
    missing: BitNames,
    halves: Schema.Array(
      Schema.Struct({
        half: Schema.Literals(["caller", "function"]),
        mask: Mask.annotate({ description: "what is left of the grants after the bounds" }),
        granted: Mask,
        grants: Schema.Array(DerivedGrant),
        more: Schema.Boolean.annotate({ description: "there are more grants than are listed" }),
        bounds: Schema.Array(
          Schema.Struct({
            perms: BitNames,
            covers: Schema.Boolean.annotate({ description: "whether the node is in its area" })
          })
        )
      })
    ),
    seq: Schema.Int
  })
})

const listAccessible = fn({
  static: true,
  description: "The nodes on which an identity, or the caller, has all of some bits, in the order of their paths.",
  params: {
    identity: optionalAddress("the caller unless given"),
    perms: Perms,
    under: optionalAddress("only this node and what is below it"),
    class: Schema.optional(Schema.String.annotate({ description: "class or interface" })),
    limit: Limit,
    cursor: Cursor
  },
  returns: Schema.Struct({
    nodes: Schema.Array(Schema.Struct({ id: Schema.String, path: Schema.String })),
    next: Schema.optionalKey(Schema.String)
  })
})

/** What every identity can do. */
export const identityMethods = {
  whoami,
  grantPerm,
  revokePerm,
  listPerms,
  checkPerm,
  explainPerm,
  listAccessible,
  ...credentialMethods
}

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
