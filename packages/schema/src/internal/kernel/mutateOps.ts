import * as Schema from "effect/Schema"
import { IfRevKey, LinkTo, OnConflictKey, Props } from "./shapes.ts"

/** An address, or `$0`, `$0.path/more`: what an earlier change made. */
const At = Schema.String.annotate({
  description: "address; $0 is the node of the first change, $0.path its path, which may be continued"
})

const Edge = {
  node: At,
  edgeClass: Schema.String,
  target: At,
  slug: Schema.optionalKey(Schema.String)
}

/** A change of `Node:mutate`: the name of the operation, `node` for the node that it is called on, and its params. */
export const MutateOp = Schema.Union([
  Schema.Struct({
    op: Schema.Literal("createNode"),
    class: Schema.String,
    path: Schema.optionalKey(At),
    parent: Schema.optionalKey(At),
    slug: Schema.optionalKey(Schema.String),
    props: Schema.optionalKey(Props),
    links: Schema.optionalKey(Schema.Array(LinkTo)),
    onConflict: OnConflictKey
  }),
  Schema.Struct({
    op: Schema.Literal("update"),
    node: At,
    props: Props,
    unset: Schema.optionalKey(Schema.Array(Schema.String)),
    ifRev: IfRevKey
  }),
  Schema.Struct({
    op: Schema.Literal("delete"),
    node: At,
    recursive: Schema.optionalKey(Schema.Boolean),
    ifRev: IfRevKey
  }),
  Schema.Struct({
    op: Schema.Literal("move"),
    node: At,
    to: At,
    slug: Schema.optionalKey(Schema.String),
    ifRev: IfRevKey
  }),
  Schema.Struct({
    op: Schema.Literal("link"),
    ...Edge,
    props: Schema.optionalKey(Props),
    onConflict: OnConflictKey,
    ifRev: IfRevKey
  }),
  Schema.Struct({
    op: Schema.Literal("updateLink"),
    ...Edge,
    props: Props,
    unset: Schema.optionalKey(Schema.Array(Schema.String)),
    ifRev: IfRevKey
  }),
  Schema.Struct({ op: Schema.Literal("unlink"), ...Edge, ifRev: IfRevKey })
])
