import { isObject, type JsonObject, objectAt } from "../openapi/json.ts"
import { jsdoc } from "./jsdoc.ts"
import { propertyKey } from "./names.ts"

/** The type that a `$ref` names; `undefined` if it names none. */
export type TypeOfRef = (ref: string) => string | undefined

const listAt = (schema: JsonObject, key: string): ReadonlyArray<unknown> | undefined => {
  const member = schema[key]
  return Array.isArray(member) ? member : undefined
}

const union = (types: ReadonlyArray<string>): string => {
  const distinct = [...new Set(types)].filter((type) => type !== "never")
  return distinct.includes("unknown") ? "unknown" : distinct.length === 0 ? "never" : distinct.join(" | ")
}

const intersection = (types: ReadonlyArray<string>): string => {
  const distinct = [...new Set(types)].filter((type) => type !== "unknown")
  if (distinct.includes("never")) return "never"
  if (distinct.length < 2) return distinct[0] ?? "unknown"
  return distinct.map((type) => (type.includes(" | ") ? `(${type})` : type)).join(" & ")
}

/** A JSON value as the type that has no other value. */
const literal = (value: unknown): string => {
  if (Array.isArray(value)) return `readonly [${value.map(literal).join(", ")}]`
  if (!isObject(value)) return JSON.stringify(value) ?? "unknown"
  const members = Object.entries(value).map(([key, each]) => `readonly ${propertyKey(key)}: ${literal(each)}`)
  return members.length === 0 ? "{}" : `{ ${members.join("; ")} }`
}

/**
 * The TypeScript type of the values that a JSON Schema admits, as source. Where the schema says nothing it is
 * `unknown`; what no type can say (patterns, ranges, `not`) is left out.
 */
export const typeText = (schema: unknown, typeOfRef: TypeOfRef, indent = ""): string => {
  if (schema === false) return "never"
  if (!isObject(schema)) return "unknown"
  if (typeof schema.$ref === "string") return typeOfRef(schema.$ref) ?? "unknown"
  const inner = (each: unknown): string => typeText(each, typeOfRef, indent)
  const all = [
    ownType(schema, typeOfRef, indent),
    ...(listAt(schema, "allOf") ?? []).map(inner),
    ...["anyOf", "oneOf"].flatMap((key) => {
      const options = listAt(schema, key)
      return options === undefined ? [] : [union(options.map(inner))]
    })
  ]
  const type = intersection(all)
  // OpenAPI 3.0's word for it, which schemas written by hand still use.
  return schema.nullable === true ? union([type, "null"]) : type
}

/** What the schema says itself, without what it combines. */
const ownType = (schema: JsonObject, typeOfRef: TypeOfRef, indent: string): string => {
  if ("const" in schema) return literal(schema.const)
  const values = listAt(schema, "enum")
  if (values !== undefined) return union(values.map(literal))
  const names = Array.isArray(schema.type) ? schema.type : [schema.type ?? impliedType(schema)]
  return union(names.map((name) => typeNamed(name, schema, typeOfRef, indent)))
}

/** Schemas written by hand often leave out the `type` that their other words are about. */
const impliedType = (schema: JsonObject): string | undefined => {
  if ("properties" in schema || "additionalProperties" in schema || "patternProperties" in schema) return "object"
  return "items" in schema || "prefixItems" in schema ? "array" : undefined
}

const typeNamed = (name: unknown, schema: JsonObject, typeOfRef: TypeOfRef, indent: string): string => {
  switch (name) {
    case "string":
    case "boolean":
    case "number":
    case "null":
      return name
    case "integer":
      return "number"
    case "array":
      return arrayType(schema, typeOfRef, indent)
    case "object":
      return objectType(schema, typeOfRef, indent)
    default:
      return "unknown"
  }
}

const arrayType = (schema: JsonObject, typeOfRef: TypeOfRef, indent: string): string => {
  const inner = (each: unknown): string => typeText(each, typeOfRef, indent)
  const first = listAt(schema, "prefixItems")
  if (first === undefined) return `ReadonlyArray<${inner(schema.items)}>`
  const needed = typeof schema.minItems === "number" ? schema.minItems : 0
  const elements = first.map((each, i) => (i < needed ? inner(each) : `(${inner(each)})?`))
  const isClosed = schema.items === false || (typeof schema.maxItems === "number" && schema.maxItems <= first.length)
  return `readonly [${[...elements, ...(isClosed ? [] : [`...ReadonlyArray<${inner(schema.items)}>`])].join(", ")}]`
}

const describes = (schema: unknown): string | undefined =>
  isObject(schema) && typeof schema.description === "string" ? schema.description : undefined

const objectType = (schema: JsonObject, typeOfRef: TypeOfRef, indent: string): string => {
  const within = `${indent}  `
  const inner = (each: unknown): string => typeText(each, typeOfRef, within)
  const required = new Set(listAt(schema, "required") ?? [])
  const properties = new Map(Object.entries(objectAt(schema, "properties")))
  for (const name of required) if (typeof name === "string" && !properties.has(name)) properties.set(name, true)

  const members = [...properties].map(([name, each]) => ({
    name,
    each,
    type: inner(each),
    isOptional: !required.has(name)
  }))
  const others = otherMembers(schema, members.length > 0).map(inner)
  const lines = members.map(
    ({ each, isOptional, name, type }) =>
      `${jsdoc([describes(each)], within)}${within}readonly ${propertyKey(name)}${isOptional ? "?" : ""}: ${type}\n`
  )
  if (others.length > 0) {
    // TypeScript wants an index signature to admit the named members too.
    const named = members.flatMap(({ isOptional, type }) => (isOptional ? [type, "undefined"] : [type]))
    const index = `readonly [key: string]: ${union([...others, ...named])}`
    if (lines.length === 0) return `{ ${index} }`
    lines.push(`${within}${index}\n`)
  }
  return lines.length === 0 ? "{ readonly [key: string]: never }" : `{\n${lines.join("")}${indent}}`
}

/** Schemas of the members that have no name of their own. One that says nothing of them admits them silently. */
const otherMembers = (schema: JsonObject, hasMembers: boolean): ReadonlyArray<unknown> => {
  const patterns = Object.values(objectAt(schema, "patternProperties"))
  const { additionalProperties } = schema
  if (additionalProperties === false) return patterns
  if (additionalProperties !== undefined) return [...patterns, additionalProperties]
  return hasMembers || patterns.length > 0 ? patterns : [true]
}
