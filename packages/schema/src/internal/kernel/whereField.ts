import * as Schema from "effect/Schema"
import type { StandardField } from "../../Field.ts"
import type { Order, Where } from "../../Where.ts"

const comparable = { type: ["string", "number", "boolean"] }

const condition = {
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  properties: {
    eq: {},
    ne: {},
    lt: comparable,
    lte: comparable,
    gt: comparable,
    gte: comparable,
    in: { type: "array", maxItems: 256 },
    contains: {},
    startsWith: { type: "string" },
    exists: { type: "boolean" }
  }
}

/**
 * The JSON Schema of a `where` that stands at `self`. Written by hand, because as a schema of Effect the conditions would
 * have to take what `and`, `or` and `not` take as well, and what is wrong could not be said exactly.
 */
export const whereSchemaAt = (self: string) => {
  const several = { type: "array", items: { $ref: self }, maxItems: 256 }
  return {
    description: "conditions by property key, and, or, not",
    type: "object",
    properties: { and: several, or: several, not: { $ref: self } },
    additionalProperties: condition
  }
}

/** The JSON Schema of an `order`. */
export const orderSchema = {
  description: "keys and directions, the first counting most",
  type: "array",
  maxItems: 8,
  items: {
    type: "array",
    prefixItems: [{ type: "string" }, { enum: ["asc", "desc"] }],
    minItems: 2,
    maxItems: 2
  }
}

const whereSchema = whereSchemaAt("#")

const isWhere = (value: unknown): value is Where | undefined =>
  value === undefined || (typeof value === "object" && value !== null && !Array.isArray(value))

/** An optional `where`. What is in it the contract's JSON Schema says, and which keys there are the kernel. */
export const WhereParam: StandardField<Where | undefined> = {
  "~standard": {
    version: 1,
    vendor: "portico",
    validate: (value) => (isWhere(value) ? { value } : { issues: [{ message: "conditions are an object" }] }),
    jsonSchema: { input: () => whereSchema, output: () => whereSchema }
  }
}

/** An optional `order`. */
export const OrderParam: Schema.optional<Schema.Codec<Order>> = Schema.optional(
  Schema.Array(Schema.Tuple([Schema.String, Schema.Literals(["asc", "desc"])]))
    .check(Schema.isMaxLength(8))
    .annotate({ description: "keys and directions, the first counting most" })
)
