import * as Schema from "effect/Schema"
import { ref } from "../../Field.ts"

/** Addresses that the operation itself resolves and checks: a generic check before it would tell hidden from missing. */
export const address = (description: string) => ref("Node", { needs: 0, description })
export const optionalAddress = (description: string) => ref("Node", { needs: 0, optional: true, description })

export const Perms = Schema.Union([
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 15 })),
  Schema.Array(Schema.Literals(["READ", "EDIT", "USE", "SHARE"]))
]).annotate({ description: "a mask from 0 to 15, or names" })

export const Props = Schema.Record(Schema.String, Schema.Json).annotate({ description: "values by property key" })

const limit = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))
export const Limit = Schema.optional(limit)
export const Cursor = Schema.optional(Schema.String)
const ifRev = Schema.Int.annotate({ description: "fail with REV_CONFLICT unless this is the rev" })
export const IfRev = Schema.optional(ifRev)
export const IfRevKey = Schema.optionalKey(ifRev)
const onConflict = Schema.Literals(["fail", "merge", "skip"])
export const OnConflict = Schema.optional(onConflict)
export const OnConflictKey = Schema.optionalKey(onConflict)

/** An edge that a node is made with. */
export const LinkTo = Schema.Struct({
  edgeClass: Schema.String,
  target: Schema.String,
  slug: Schema.optionalKey(Schema.String),
  props: Schema.optionalKey(Props)
})

/** A node, or as much of it as the caller may see: without READ `id`, `path` and `rev` only. */
export const NodeResult = Schema.Struct({
  id: Schema.String,
  path: Schema.String,
  rev: Schema.Int,
  slug: Schema.optionalKey(Schema.String),
  class: Schema.optionalKey(Schema.String),
  props: Schema.optionalKey(Props),
  createdAt: Schema.optionalKey(Schema.Int.annotate({ description: "milliseconds since the epoch" })),
  updatedAt: Schema.optionalKey(Schema.Int.annotate({ description: "milliseconds since the epoch" }))
})

export const EdgeResult = Schema.Struct({
  class: Schema.String,
  source: Schema.String.annotate({ description: "id of the node it starts at" }),
  target: Schema.String.annotate({ description: "id of the node it ends at" }),
  slug: Schema.optionalKey(Schema.String),
  props: Props,
  rev: Schema.Int
})

export const NodeAt = Schema.Struct({ id: Schema.String, path: Schema.String, rev: Schema.Int })

export const NodeId = Schema.String.annotate({ description: "id of a node" })
export const Millis = Schema.Int.annotate({ description: "milliseconds since the epoch" })
