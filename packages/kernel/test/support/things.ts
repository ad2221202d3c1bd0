import { compileDomain, defineSchema, edgeClass, KernelSchema, nodeClass } from "@portico/schema"
import * as Schema from "effect/Schema"
import { bundleOf } from "./crm.ts"

const props = {
  name: Schema.optional(Schema.String),
  age: Schema.optional(Schema.Finite),
  flag: Schema.optional(Schema.NullOr(Schema.Boolean)),
  tags: Schema.optional(Schema.Array(Schema.String))
}
const implemented = [KernelSchema.interfaces.Container, KernelSchema.interfaces.Descriptable] as const

/** Two classes with the same properties, of which one may have indexes. */
const schemaWith = (indexes: ReadonlyArray<ReadonlyArray<string>>) => {
  const Indexed = nodeClass({ implements: implemented, props, indexes })
  const Plain = nodeClass({ implements: implemented, props })
  const likes = edgeClass({ as: "one", types: [Indexed, Plain] }, { as: "other", types: [Indexed, Plain] })
  return defineSchema("things.example.dev", { classes: { Indexed, Plain, likes }, imports: [KernelSchema] })
}

const schema = schemaWith([["name"], ["age", "name"], ["flag", "age"]])

export const T = compileDomain(schema)
export const things = bundleOf(schema)

/** The same domain with other indexes. */
export const thingsWith = (indexes: ReadonlyArray<ReadonlyArray<string>>) => bundleOf(schemaWith(indexes))
