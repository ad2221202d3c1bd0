import type { Json, JsonObject, JsonSchema } from "../../Json.ts"
import { linearTimeProblem } from "../pattern/linearTime.ts"
import { isJson } from "./isJson.ts"
import { type KeywordKind, keywordKinds, typeNames } from "./keywords.ts"

/** Why something is no schema that a contract may carry; the caller says where. */
export class JsonSchemaProblem extends Error {
  override readonly name = "JsonSchemaProblem"
}

const problem = (where: string, what: string): never => {
  throw new JsonSchemaProblem(where === "" ? what : `${where}: ${what}`)
}

/** How deep schemas may be nested. */
const maxDepth = 64
/** How many schemas, with definitions inlined, one property or list of params may consist of. */
const maxSchemas = 10_000

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

/**
 * Reads a JSON Schema from outside (another library, an install bundle) into the normalised form: known keywords
 * only, definitions inlined except those that contain themselves, patterns that take linear time. What is not that
 * throws a `JsonSchemaProblem`.
 */
export const checkJsonSchema = (input: unknown): JsonSchema => {
  if (!isObject(input)) return new Reader({}).schema(input, "", 0)
  const reader = new Reader(input)
  const schema = reader.root(input)
  return reader.definitions.size === 0 ? schema : { ...schema, $defs: Object.fromEntries(reader.definitions) }
}

class Reader {
  readonly definitions = new Map<string, JsonSchema>()
  private readonly document: Readonly<Record<string, unknown>>
  private readonly active = new Map<string, { name?: string }>()
  private readonly named = new Map<string, string>()
  private schemas = 0
  private count = 0

  constructor(document: Readonly<Record<string, unknown>>) {
    this.document = document
  }

  root(input: unknown): JsonSchema {
    return this.target("#", input, "", 0)
  }

  schema(input: unknown, where: string, depth: number): JsonSchema {
    if (input === true) return {}
    if (input === false) return { not: {} }
    if (!isObject(input)) return problem(where, "a schema is an object or a boolean")
    if (depth > maxDepth) return problem(where, `schemas are nested at most ${maxDepth} deep`)
    this.schemas++
    if (this.schemas > maxSchemas) return problem(where, `there are more than ${maxSchemas} schemas in it`)
    const out: Record<string, Json> = {}
    for (const [key, value] of Object.entries(input)) {
      if (value === undefined || key === "$ref" || isIgnored(key, depth)) continue
      const kind = keywordKinds.get(key)
      if (kind === undefined) return problem(where, `a contract cannot carry the keyword ${JSON.stringify(key)}`)
      out[key] = this.keyword(kind, value, at(where, key), depth)
    }
    checkUnique(out, where)
    if (input.$ref === undefined) return out
    const referred = this.reference(input.$ref, where, depth)
    if (Object.keys(out).length === 0) return referred
    return { ...out, allOf: [...(Array.isArray(out.allOf) ? out.allOf : []), referred] }
  }

  private reference(ref: unknown, where: string, depth: number): JsonSchema {
    if (typeof ref !== "string") return problem(where, "$ref is a string")
    const target = resolve(this.document, ref)
    if (target === undefined) return problem(where, `${JSON.stringify(ref.slice(0, 100))} refers to nothing here`)
    return this.target(ref, target, where, depth + 1)
  }

  /** Reads what a reference points at; a name once it turned out to contain itself. */
  private target(ref: string, input: unknown, where: string, depth: number): JsonSchema {
    const known = this.named.get(ref)
    if (known !== undefined) return { $ref: `#/$defs/${known}` }
    const entered = this.active.get(ref)
    if (entered !== undefined) {
      if (entered.name === undefined) {
        this.count++
        entered.name = `T${this.count}`
      }
      return { $ref: `#/$defs/${entered.name}` }
    }
    const entry: { name?: string } = {}
    this.active.set(ref, entry)
    const schema = this.schema(input, where, depth)
    this.active.delete(ref)
    if (entry.name === undefined) return schema
    this.named.set(ref, entry.name)
    this.definitions.set(entry.name, schema)
    return { $ref: `#/$defs/${entry.name}` }
  }

  private keyword(kind: KeywordKind, value: unknown, where: string, depth: number): Json {
    switch (kind) {
      case "schema":
        // `additionalProperties: false` reads better than what it stands for.
        return value === false && where.endsWith("additionalProperties") ? false : this.schema(value, where, depth + 1)
      case "schemas":
        if (!Array.isArray(value) || value.length === 0) return problem(where, "a list of schemas is wanted")
        return value.map((item, index) => this.schema(item, at(where, String(index)), depth + 1))
      case "named schemas":
        return this.schemasByName(value, where, depth)
      case "pattern schemas":
        for (const pattern of isObject(value) ? Object.keys(value) : []) checkPattern(pattern, where)
        return this.schemasByName(value, where, depth)
      case "pattern":
        if (typeof value !== "string") return problem(where, "a pattern is a string")
        checkPattern(value, where)
        return value
      case "names":
        return names(value, where)
      case "named names":
        if (!isObject(value)) return problem(where, "an object is wanted")
        return Object.fromEntries(Object.entries(value).map(([key, list]) => [key, names(list, at(where, key))]))
      case "count":
        return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : problem(where, "a count is wanted")
      case "number":
        return typeof value === "number" && Number.isFinite(value) ? value : problem(where, "a number is wanted")
      case "boolean":
        return typeof value === "boolean" ? value : problem(where, "true or false is wanted")
      case "text":
        return typeof value === "string" ? value : problem(where, "a string is wanted")
      case "type":
        return type(value, where)
      case "list":
        return Array.isArray(value) && isJson(value) ? value : problem(where, "a list of JSON values is wanted")
      case "json":
        return isJson(value) ? value : problem(where, "a JSON value is wanted")
    }
  }

  private schemasByName(value: unknown, where: string, depth: number): Json {
    if (!isObject(value)) return problem(where, "an object of schemas is wanted")
    const out: Array<[string, JsonSchema]> = []
    for (const [key, schema] of Object.entries(value)) {
      if (key === "__proto__") return problem(where, "a key may not be __proto__")
      out.push([key, this.schema(schema, at(where, key), depth + 1)])
    }
    return Object.fromEntries(out)
  }
}

const at = (where: string, key: string): string => (where === "" ? key : `${where}.${key}`)

/** `$schema`, definitions, comments, and what a library adds for itself. */
const isIgnored = (key: string, depth: number): boolean =>
  key === "$schema" ||
  key === "$comment" ||
  key === "$defs" ||
  key === "definitions" ||
  (key === "$id" && depth === 0) ||
  key.startsWith("x-") ||
  key.startsWith("~")

const names = (value: unknown, where: string): Json =>
  Array.isArray(value) && value.every((item) => typeof item === "string")
    ? [...new Set(value)]
    : problem(where, "a list of names is wanted")

const type = (value: unknown, where: string): Json => {
  if (typeof value === "string" && typeNames.has(value)) return value
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeNames.has(item))) return [...new Set(value)]
  return problem(where, "a type of JSON is wanted")
}

const checkPattern = (pattern: string, where: string): void => {
  const found = linearTimeProblem(pattern)
  if (found !== undefined) {
    problem(where, `the pattern ${JSON.stringify(pattern.slice(0, 200))} may take more than linear time: ${found}`)
  }
}

const scalars: ReadonlySet<unknown> = new Set(["boolean", "integer", "null", "number", "string"])

/** Comparing items pairwise takes quadratic time, unless there are few or they can be looked up. */
const checkUnique = (schema: JsonObject, where: string): void => {
  if (schema.uniqueItems !== true) return
  const items = schema.items
  const byValue = isObject(items) && scalars.has(items.type)
  const few = typeof schema.maxItems === "number" && schema.maxItems <= 1_000
  if (!byValue && !few) problem(where, "uniqueItems needs items of one scalar type, or maxItems of at most 1000")
}

const resolve = (document: Readonly<Record<string, unknown>>, ref: string): unknown => {
  if (ref === "#") return document
  if (!ref.startsWith("#/")) return undefined
  let found: unknown = document
  for (const token of ref.slice(2).split("/")) {
    const key = unescapeToken(token)
    if (key === undefined || typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined
    found = Reflect.get(found, key)
  }
  return found
}

const unescapeToken = (token: string): string | undefined => {
  try {
    return decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~")
  } catch {
    return undefined
  }
}
