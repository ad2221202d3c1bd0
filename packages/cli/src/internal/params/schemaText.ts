/**
 * A JSON Schema in a few words, for a table's cell.
 */
import type { JsonSchema } from "../../Params.ts"
import {
  type Alternative,
  allowedValues,
  alternatives,
  isRequired,
  itemSchema,
  propertyNames,
  propertySchema
} from "./jsonSchema.ts"

// Deeper objects are shown as `object`: the cell is to be read at a glance.
const deepest = 2

const one = (root: JsonSchema, alternative: Alternative, depth: number): string => {
  const allowed = allowedValues(alternative)
  if (allowed !== undefined) return allowed.map((value) => JSON.stringify(value)).join(" | ")
  if (alternative.type === "array") {
    const item = schemaText(root, itemSchema(alternative, 0), depth)
    return item.includes(" ") ? `(${item})[]` : `${item}[]`
  }
  if (alternative.type !== "object") return alternative.type
  const names = propertyNames(alternative)
  if (names.length === 0 || depth >= deepest) return "object"
  const fields = names.map((name) => {
    const type = schemaText(root, propertySchema(alternative, name) ?? true, depth + 1)
    return `${name}${isRequired(alternative, name) ? "" : "?"}: ${type}`
  })
  return `{ ${fields.join(", ")} }`
}

/** `string`, `integer`, `"a" | "b"`, `string[]`, `{ city?: string }`. */
export const schemaText = (root: JsonSchema, schema: JsonSchema, depth = 0): string => {
  const ways = alternatives(root, schema).map((way) => one(root, way, depth))
  return ways.length === 0 ? "nothing" : [...new Set(ways)].join(" | ")
}
