import type { Json, JsonSchema, PropContract } from "@portico/schema"

/** Keys of a node that are columns of their own; the last three are given anew by whoever imports them. */
export const nodeColumns = ["path", "id", "parent", "slug", "class", "rev", "createdAt", "updatedAt"] as const
export type NodeColumn = (typeof nodeColumns)[number]

/** A cell: its text, or that it was written as `""`, which is a text of no length; nothing is no value. */
export type Cell = string | typeof quotedEmpty
export const quotedEmpty = Symbol("quoted and empty")

type JsonType = "string" | "number" | "boolean" | "null" | "json"

const known = new WeakMap<PropContract, ReadonlySet<JsonType>>()

/** The kinds of values that a property takes. */
const typesOf = (prop: PropContract): ReadonlySet<JsonType> => {
  const before = known.get(prop)
  if (before !== undefined) return before
  const found = new Set<JsonType>()
  collect(prop.schema, prop.schema, found, maxDepth)
  if (found.size === 0) found.add("json")
  known.set(prop, found)
  return found
}

/** Of schemas in schemas; what lies deeper takes any JSON. */
const maxDepth = 16

const collect = (schema: unknown, root: JsonSchema, found: Set<JsonType>, depth: number): void => {
  if (depth === 0 || typeof schema !== "object" || schema === null) {
    found.add("json")
    return
  }
  // Boundary: a JSON Schema, of which each keyword is looked at before it is used.
  const { $ref, allOf, anyOf, const: only, enum: values, oneOf, type } = schema as Readonly<Record<string, unknown>>
  if (typeof $ref === "string") {
    collect(at(root, $ref), root, found, depth - 1)
    return
  }
  if (values !== undefined || "const" in schema) {
    for (const value of Array.isArray(values) ? values : [only]) found.add(typeOf(value))
    return
  }
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type]
  for (const name of types) found.add(named(name))
  if (types.length > 0) return
  const several = [anyOf, oneOf, allOf].find(Array.isArray)
  if (several === undefined) found.add("json")
  else for (const each of several) collect(each, root, found, depth - 1)
}

const named = (type: unknown): JsonType => {
  if (type === "integer") return "number"
  return type === "string" || type === "number" || type === "boolean" || type === "null" ? type : "json"
}

const typeOf = (value: unknown): JsonType => (value === null ? "null" : named(typeof value))

const at = (root: JsonSchema, pointer: string): unknown => {
  if (!pointer.startsWith("#")) return undefined
  let found: unknown = root
  for (const segment of pointer.split("/").slice(1)) {
    const key = segment.replaceAll("~1", "/").replaceAll("~0", "~")
    found =
      typeof found === "object" && found !== null && Object.hasOwn(found, key)
        ? // Boundary: an own member.
          (found as Readonly<Record<string, unknown>>)[key]
        : undefined
  }
  return found
}

/** Whether a property takes text and nothing else but null, so that its cells are that text. */
const isText = (types: ReadonlySet<JsonType>): boolean =>
  types.has("string") && [...types].every((type) => type === "string" || type === "null")

/** A value as a cell; undefined for an empty one. Whatever a property of texts alone does not have is JSON. */
export const writeCell = (prop: PropContract, value: Json | undefined): string | undefined => {
  if (value === undefined || (value === null && isText(typesOf(prop)))) return undefined
  return typeof value === "string" && isText(typesOf(prop)) ? value : JSON.stringify(value)
}

/** The value of a cell, or what is wrong with it. Undefined where the property is to be left out. */
export const readCell = (
  prop: PropContract,
  cell: Cell
): { readonly value: unknown } | { readonly message: string } => {
  const types = typesOf(prop)
  if (cell === quotedEmpty) return { value: types.has("string") ? "" : undefined }
  if (cell === "") return { value: undefined }
  if (isText(types)) return { value: cell }
  const text = cell.trim()
  // Spreadsheets write them in capitals.
  if (types.has("boolean") && /^(?:true|false)$/i.test(text)) return { value: text.toLowerCase() === "true" }
  try {
    return { value: JSON.parse(text) }
  } catch {
    if (types.has("string")) return { value: cell }
    return { message: types.has("json") ? "is not JSON" : `has to be a ${[...types].join(" or ")}` }
  }
}
