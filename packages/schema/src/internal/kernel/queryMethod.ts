import * as Schema from "effect/Schema"
import type { StandardField } from "../../Field.ts"
import { fn } from "../../Fn.ts"
import type { QueryStart, QueryStep } from "../../Query.ts"
import { EdgeResult, NodeResult } from "./shapes.ts"
import { orderSchema, whereSchemaAt } from "./whereField.ts"

const where = { $ref: "#/$defs/Where" }
const text = { type: "string" }

/** What both a start and a step may say of the nodes that are wanted. */
const shown = {
  class: text,
  where,
  order: orderSchema,
  page: {
    type: "object",
    properties: { limit: { type: "integer", minimum: 0, maximum: 1000 }, cursor: text },
    additionalProperties: false
  },
  props: { type: "array", items: text, maxItems: 256 },
  count: { type: "boolean" }
}

const $defs = { Where: whereSchemaAt("#/$defs/Where") }

const startSchema = {
  description: "where to start: nodes, or what is under a node, of a class, or found by words",
  type: "object",
  properties: { nodes: { type: "array", items: text, maxItems: 1000 }, under: text, search: text, ...shown },
  additionalProperties: false,
  $defs
}

const stepsSchema = {
  description: "edges to follow",
  type: "array",
  maxItems: 16,
  items: {
    type: "object",
    properties: {
      as: text,
      from: text,
      edge: text,
      dir: { enum: ["out", "in", "both"] },
      depth: { type: "integer", minimum: 1 },
      ...shown
    },
    additionalProperties: false
  },
  $defs
}

/** A param whose JSON Schema is given. `fits` is all that is checked before it is sent. */
const param = <A>(
  schema: Readonly<Record<string, unknown>>,
  fits: (value: unknown) => value is A
): StandardField<A> => ({
  "~standard": {
    version: 1,
    vendor: "portico",
    validate: (value) => (fits(value) ? { value } : { issues: [{ message: `this is ${schema.type}` }] }),
    jsonSchema: { input: () => schema, output: () => schema }
  }
})

const isStart = (value: unknown): value is QueryStart =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const isSteps = (value: unknown): value is ReadonlyArray<QueryStep> | undefined =>
  value === undefined || Array.isArray(value)

const Ids = Schema.Array(Schema.String)

const Found = Schema.Struct({
  node: Schema.String.annotate({ description: "id" }),
  depth: Schema.Int.annotate({ description: "how many edges lead there" }),
  edge: Schema.optionalKey(EdgeResult.annotate({ description: "the last of these; none to a child or the parent" }))
})

const Group = Schema.Struct({
  from: Schema.String.annotate({ description: "id of the node that the edges were followed from" }),
  to: Schema.Array(Found),
  count: Schema.optionalKey(Schema.Int),
  next: Schema.optionalKey(Schema.String)
})

/** `Node:query`. */
export const query = fn({
  static: true,
  auth: "optional",
  description: "Finds nodes, follows their edges, and shows what the caller may see.",
  params: { start: param(startSchema, isStart), steps: param(stepsSchema, isSteps) },
  returns: Schema.Struct({
    nodes: Schema.Record(Schema.String, NodeResult).annotate({ description: "every node of the answer, by id" }),
    start: Schema.Struct({
      nodes: Ids,
      count: Schema.optionalKey(Schema.Int),
      next: Schema.optionalKey(Schema.String)
    }),
    steps: Schema.Array(Schema.Struct({ as: Schema.optionalKey(Schema.String), groups: Schema.Array(Group) }))
  })
})
