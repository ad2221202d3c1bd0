import * as Schema from "effect/Schema"
import { fn } from "../../Fn.ts"
import { MutateOp } from "./mutateOps.ts"
import { query } from "./queryMethod.ts"
import {
  address,
  Cursor,
  EdgeResult,
  IfRev,
  Limit,
  LinkTo,
  NodeAt,
  NodeResult,
  OnConflict,
  optionalAddress,
  Perms,
  Props
} from "./shapes.ts"
import { transferMethods } from "./transferMethods.ts"
import { undoMethods } from "./undoMethods.ts"
import { OrderParam, WhereParam } from "./whereField.ts"

const createNode = fn({
  static: true,
  description: "Makes a node of a class.",
  params: {
    class: Schema.String.annotate({ description: "reference or address of the class" }),
    path: Schema.optional(Schema.String.annotate({ description: "where it goes; instead of parent and slug" })),
    parent: optionalAddress("under which node it goes"),
    slug: Schema.optional(Schema.String),
    props: Schema.optional(Props),
    links: Schema.optional(Schema.Array(LinkTo)),
    onConflict: OnConflict
  },
  returns: Schema.Struct({ id: Schema.String, path: Schema.String, rev: Schema.Int, created: Schema.Boolean })
})

const get = fn({
  auth: "optional",
  description: "The node.",
  params: { props: Schema.optional(Schema.Array(Schema.String).annotate({ description: "only these properties" })) },
  returns: NodeResult
})

const update = fn({
  description: "Changes properties; a merge patch, so null removes one.",
  params: { props: Props, unset: Schema.optional(Schema.Array(Schema.String)), ifRev: IfRev },
  returns: NodeResult
})

const remove = fn({
  description: "Moves the node to the trash, and with recursive everything below it. See restore.",
  params: { recursive: Schema.optional(Schema.Boolean), ifRev: IfRev },
  returns: Schema.Struct({
    deleted: Schema.Int.annotate({ description: "nodes, counted up to 1,000" }),
    more: Schema.optionalKey(Schema.Boolean.annotate({ description: "true where there were more than were counted" }))
  })
})

const move = fn({
  description: "Moves the node with everything below it, or gives it another slug.",
  params: { to: address("the new parent"), slug: Schema.optional(Schema.String), ifRev: IfRev },
  returns: NodeAt
})

const link = fn({
  description: "Makes an edge from the node to another.",
  params: {
    edgeClass: Schema.String,
    target: address("the node it ends at"),
    slug: Schema.optional(Schema.String),
    props: Schema.optional(Props),
    onConflict: OnConflict,
    ifRev: IfRev
  },
  returns: EdgeResult
})

const unlink = fn({
  description: "Removes an edge that starts at the node.",
  params: {
    edgeClass: Schema.String,
    target: address("the node it ends at"),
    slug: Schema.optional(Schema.String),
    ifRev: IfRev
  },
  returns: Schema.Struct({ deleted: Schema.Int })
})

const updateLink = fn({
  description: "Changes the properties of an edge that starts at the node; a merge patch, so null removes one.",
  params: {
    edgeClass: Schema.String,
    target: address("the node it ends at"),
    slug: Schema.optional(Schema.String),
    props: Props,
    unset: Schema.optional(Schema.Array(Schema.String)),
    ifRev: IfRev
  },
  returns: EdgeResult
})

const getLink = fn({
  auth: "optional",
  description: "One edge that starts at the node.",
  params: {
    edgeClass: Schema.String,
    target: address("the node it ends at"),
    slug: Schema.optional(Schema.String)
  },
  returns: EdgeResult
})

const getLinks = fn({
  auth: "optional",
  description: "The edges of the node whose other end the caller may see.",
  params: {
    edgeClass: Schema.optional(Schema.String),
    direction: Schema.optional(Schema.Literals(["out", "in", "both"])),
    with: Schema.optional(Schema.Literal("nodes")),
    limit: Limit,
    cursor: Cursor
  },
  returns: Schema.Struct({
    edges: Schema.Array(EdgeResult),
    nodes: Schema.optionalKey(Schema.Array(NodeResult)),
    next: Schema.optionalKey(Schema.String)
  })
})

const ClassFilter = Schema.optional(
  Schema.String.annotate({ description: "reference or address of a class or interface" })
)

const Count = Schema.Struct({ count: Schema.Int })

const countLinks = fn({
  auth: "optional",
  description: "How many edges of the node there are whose other end the caller may see.",
  params: {
    edgeClass: Schema.optional(Schema.String),
    direction: Schema.optional(Schema.Literals(["out", "in", "both"])),
    class: ClassFilter,
    where: WhereParam
  },
  returns: Count
})

const listChildren = fn({
  auth: "optional",
  description: "The children of the node that the caller may see.",
  params: { class: ClassFilter, where: WhereParam, order: OrderParam, limit: Limit, cursor: Cursor },
  returns: Schema.Struct({ nodes: Schema.Array(NodeResult), next: Schema.optionalKey(Schema.String) })
})

const countChildren = fn({
  auth: "optional",
  description: "How many children of the node the caller may see.",
  params: { class: ClassFilter, where: WhereParam },
  returns: Count
})

const getTree = fn({
  auth: "optional",
  description: "The node and what is below it, parents before their children.",
  params: {
    depth: Schema.optional(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 64 }))),
    limit: Limit
  },
  returns: Schema.Struct({
    nodes: Schema.Array(NodeResult),
    truncated: Schema.Boolean.annotate({ description: "there is more below than the limit let through" })
  })
})

const listHolders = fn({
  description: "The identities that have all of some bits on the node, as far as the caller may see them.",
  params: { perms: Perms, limit: Limit, cursor: Cursor },
  returns: Schema.Struct({
    identities: Schema.Array(Schema.Struct({ id: Schema.String, path: Schema.String, mask: Schema.Int })),
    next: Schema.optionalKey(Schema.String)
  })
})

const mutate = fn({
  static: true,
  description: "Makes many changes in one transaction: all of them, or none.",
  params: {
    ops: Schema.Array(MutateOp).annotate({ description: "at most 1,000, made one after the other" }),
    idempotencyKey: Schema.optional(
      Schema.String.annotate({ description: "made once under this key; asked again, it answers the same" })
    )
  },
  returns: Schema.Struct({
    results: Schema.Array(Schema.Json).annotate({ description: "what each would answer if it were called alone" })
  })
})

/** What every node can do. */
export const nodeMethods = {
  ...undoMethods,
  ...transferMethods,
  createNode,
  get,
  update,
  delete: remove,
  move,
  link,
  unlink,
  updateLink,
  getLink,
  getLinks,
  countLinks,
  listChildren,
  countChildren,
  query,
  getTree,
  listHolders,
  mutate
}
