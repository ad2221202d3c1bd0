import { canonicalJson, type Json, type JsonSchema } from "@portico/schema"

/**
 * Whether every value that fits `narrow` surely fits `wide`. Undecided counts as no: a change is called compatible
 * only where that is plain to see.
 */
export const accepts = (wide: Json, narrow: Json): boolean => {
  if (!isSchema(wide) || !isSchema(narrow)) return same(wide, narrow)
  const [w, n] = [bare(wide), bare(narrow)]
  if (Object.keys(w).length === 0 || same(w, n)) return true
  if (Array.isArray(n.anyOf)) return Object.keys(n).length === 1 && n.anyOf.every((each) => accepts(w, each))
  if (Array.isArray(w.anyOf)) return Object.keys(w).length === 1 && w.anyOf.some((each) => accepts(each, n))
  if (Array.isArray(n.enum) && Object.keys(n).every((key) => key === "enum" || key === "type")) {
    return enumAccepts(w, n.enum)
  }
  return [...new Set([...Object.keys(w), ...Object.keys(n)])].every((key) => keywordAccepts(key, w, n))
}

const enumAccepts = (wide: JsonSchema, values: ReadonlyArray<Json>): boolean => {
  if (Array.isArray(wide.enum)) {
    const known = new Set(wide.enum.map(text))
    return values.every((value) => known.has(text(value)))
  }
  return Object.keys(wide).length === 1 && typeof wide.type === "string" && values.every((v) => typeOf(v) === wide.type)
}

const keywordAccepts = (key: string, wide: JsonSchema, narrow: JsonSchema): boolean => {
  const [w, n] = [wide[key], narrow[key]]
  switch (key) {
    case "type":
      return w === undefined || typesOf(n).every((type) => typesOf(w).includes(type) || isInteger(type, typesOf(w)))
    case "minimum":
    case "exclusiveMinimum":
    case "minLength":
    case "minItems":
    case "minProperties":
      return w === undefined || (typeof w === "number" && typeof n === "number" && w <= n)
    case "maximum":
    case "exclusiveMaximum":
    case "maxLength":
    case "maxItems":
    case "maxProperties":
      return w === undefined || (typeof w === "number" && typeof n === "number" && w >= n)
    case "required":
      return names(w).every((name) => names(n).includes(name))
    case "properties":
      return propertiesAccept(wide, narrow)
    case "additionalProperties":
      return w === undefined || w === true || n === false || same(w, n ?? null)
    case "items":
      return w === undefined || (n !== undefined && accepts(w, n))
    default:
      // A keyword that only the narrow one has narrows it further; any other has to be the same.
      return (
        (w === undefined && key !== "$ref" && key !== "$defs" && key !== "prefixItems") || same(w ?? null, n ?? null)
      )
  }
}

/** What the narrow one allows under each name has to be allowed by the wide one. */
const propertiesAccept = (wide: JsonSchema, narrow: JsonSchema): boolean => {
  const [w, n] = [record(wide.properties), record(narrow.properties)]
  const closed = wide.additionalProperties === false
  const open = narrow.additionalProperties !== false
  const rest = Object.keys(w).filter((name) => !Object.hasOwn(n, name))
  return (
    Object.entries(n).every(([name, schema]) => {
      const known = Object.hasOwn(w, name) ? w[name] : undefined
      return known === undefined ? !closed : accepts(known, schema)
    }) &&
    // An open narrow one allows anything under names that the wide one constrains.
    (!open || rest.every((name) => same(bare(record(w[name])), {})))
  )
}

const documentation = new Set(["title", "description", "examples", "deprecated", "default", "$comment"])

const bare = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !documentation.has(key)))

const isSchema = (json: Json): json is JsonSchema => typeof json === "object" && json !== null && !Array.isArray(json)
const text = (json: Json): string => canonicalJson(json)
const same = (a: Json, b: Json): boolean => text(a) === text(b)
const record = (json: Json | undefined): JsonSchema => (json !== undefined && isSchema(json) ? json : {})
const names = (json: Json | undefined): ReadonlyArray<Json> => (Array.isArray(json) ? json : [])
const allTypes = ["null", "boolean", "object", "array", "number", "string"]
const typesOf = (json: Json | undefined): ReadonlyArray<string> =>
  json === undefined ? allTypes : Array.isArray(json) ? json.map(String) : [String(json)]
const isInteger = (type: string, types: ReadonlyArray<string>): boolean =>
  type === "integer" && types.includes("number")
const typeOf = (json: Json): string => (json === null ? "null" : Array.isArray(json) ? "array" : typeof json)
