/**
 * The little of JSON Schema that typing a word needs: which types a value may
 * have, and which schema belongs to a key.
 */
import * as Predicate from "effect/Predicate"
import type { JsonSchema } from "../../Params.ts"

export type SimpleType = "null" | "boolean" | "integer" | "number" | "array" | "object" | "string"

/** One way in which a value may be valid: a single type with its own keywords, or `any`. */
export interface Alternative {
  readonly type: SimpleType | "any"
  readonly schema: Readonly<Record<string, unknown>>
}

const simpleTypes: ReadonlyArray<SimpleType> = ["null", "boolean", "integer", "number", "array", "object", "string"]

const isSimpleType = (value: unknown): value is SimpleType => simpleTypes.some((type) => type === value)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  Predicate.isObject(value) && !Array.isArray(value)

const own = (record: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined

/** Any value as a schema; what is not one allows everything. */
const asSchema = (value: unknown): JsonSchema => (typeof value === "boolean" || isRecord(value) ? value : true)

const decodePointer = (segment: string): string =>
  decodeURIComponent(segment).replaceAll("~1", "/").replaceAll("~0", "~")

const resolvePointer = (root: JsonSchema, ref: string): JsonSchema => {
  if (!ref.startsWith("#")) return true
  let here: unknown = root
  for (const segment of ref.slice(1).split("/").slice(1)) {
    if (Array.isArray(here)) here = here[Number(segment)]
    else if (isRecord(here)) here = own(here, decodePointer(segment))
    else return true
  }
  return asSchema(here)
}

const asList = (value: unknown): ReadonlyArray<unknown> | undefined => (Array.isArray(value) ? value : undefined)

const typesOf = (schema: Readonly<Record<string, unknown>>): ReadonlyArray<SimpleType | "any"> => {
  const declared = (asList(schema.type) ?? [schema.type]).filter(isSimpleType)
  if (declared.length > 0) return declared
  if (schema.properties !== undefined) return ["object"]
  if (schema.items !== undefined || schema.prefixItems !== undefined) return ["array"]
  return ["any"]
}

// A schema may refer to itself; a union inside a union this deep is a loop.
const deepest = 32

/** All ways in which a value of `schema` may be valid; empty where nothing is. */
export const alternatives = (root: JsonSchema, schema: JsonSchema, depth = 0): ReadonlyArray<Alternative> => {
  if (schema === false || depth > deepest) return []
  if (schema === true) return [{ type: "any", schema: {} }]
  const { $ref: ref, allOf, anyOf, oneOf, ...rest } = schema
  const parts = [
    ...(typeof ref === "string" ? [resolvePointer(root, ref)] : []),
    ...(asList(allOf) ?? []).map(asSchema)
  ]
  const choices = asList(anyOf) ?? asList(oneOf)
  // What stands beside `$ref`, `allOf` and a union holds as well: lay it over each choice.
  let found: ReadonlyArray<Alternative> = typesOf(rest).map((type) => ({ type, schema: rest }))
  for (const part of parts) found = overlay(found, alternatives(root, part, depth + 1))
  if (choices !== undefined) {
    found = overlay(
      found,
      choices.flatMap((choice) => alternatives(root, asSchema(choice), depth + 1))
    )
  }
  return found
}

const meet = (a: Alternative["type"], b: Alternative["type"]): Alternative["type"] | undefined => {
  if (a === "any" || a === b) return b
  if (b === "any") return a
  if (a === "number" && b === "integer") return b
  if (a === "integer" && b === "number") return a
  return undefined
}

const overlay = (left: ReadonlyArray<Alternative>, right: ReadonlyArray<Alternative>): ReadonlyArray<Alternative> =>
  left.flatMap((a) =>
    right.flatMap((b) => {
      const type = meet(a.type, b.type)
      if (type === undefined) return []
      const properties = { ...asRecord(a.schema.properties), ...asRecord(b.schema.properties) }
      const schema = { ...a.schema, ...b.schema }
      return [{ type, schema: Object.keys(properties).length > 0 ? { ...schema, properties } : schema }]
    })
  )

const asRecord = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {})

/** The names that an object of this alternative declares. */
export const propertyNames = (alternative: Alternative): ReadonlyArray<string> =>
  Object.keys(asRecord(alternative.schema.properties))

/** The schema of `key` in an object; undefined where the object may not have it. */
export const propertySchema = (alternative: Alternative, key: string): JsonSchema | undefined => {
  const declared = own(asRecord(alternative.schema.properties), key)
  if (declared !== undefined) return asSchema(declared)
  const additional = alternative.schema.additionalProperties
  if (additional === false) return alternative.schema.patternProperties === undefined ? undefined : true
  return asSchema(additional)
}

/** The schema of the item at `index` of an array. */
export const itemSchema = (alternative: Alternative, index: number): JsonSchema =>
  asSchema(asList(alternative.schema.prefixItems)?.[index] ?? alternative.schema.items)

/** The values that an alternative is limited to, by `const` or `enum`. */
export const allowedValues = (alternative: Alternative): ReadonlyArray<unknown> | undefined =>
  "const" in alternative.schema ? [alternative.schema.const] : asList(alternative.schema.enum)

/** Whether an object of this alternative must have `key`. */
export const isRequired = (alternative: Alternative, key: string): boolean =>
  asList(alternative.schema.required)?.includes(key) ?? false
