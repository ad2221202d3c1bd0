import type { Json, JsonObject, JsonSchema } from "../../Json.ts"
import { canonicalText } from "../canonicalText.ts"
import { forPeople, keywordKinds } from "./keywords.ts"

/**
 * The form of a schema that its identity is computed from: nothing for people, nothing that says nothing, one
 * spelling where there are several, and everything sorted whose order means nothing. Two schemas with one canonical
 * form accept the same values; the reverse need not hold.
 */
export const canonicalSchema = (schema: JsonSchema): Json => {
  const renamer = new Renamer(isObject(schema.$defs) ? schema.$defs : {})
  const canonical = renamer.schema(schema)
  const definitions = renamer.definitions()
  return Object.keys(definitions).length === 0 || !isObject(canonical)
    ? canonical
    : { ...canonical, $defs: definitions }
}

const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json)

const isArray = (json: Json | undefined): json is ReadonlyArray<Json> => Array.isArray(json)

const byText = (a: Json, b: Json): number => {
  const left = canonicalText(a)
  const right = canonicalText(b)
  return left < right ? -1 : left > right ? 1 : 0
}

const sortedUnique = (values: ReadonlyArray<Json>): ReadonlyArray<Json> => {
  const byCanonicalText = new Map(values.map((value) => [canonicalText(value), value]))
  return [...byCanonicalText.keys()].sort().map((text) => byCanonicalText.get(text) ?? null)
}

/** Definitions are named by the order in which a walk over sorted keys meets them. */
class Renamer {
  private readonly bodies: JsonObject
  private readonly names = new Map<string, string>()
  private readonly done = new Map<string, Json>()

  constructor(bodies: JsonObject) {
    this.bodies = bodies
  }

  definitions(): JsonObject {
    return Object.fromEntries(this.done)
  }

  schema(json: Json): Json {
    if (!isObject(json)) return json === false ? { not: {} } : {}
    const out: Record<string, Json> = {}
    for (const key of Object.keys(json).sort()) {
      const value = json[key]
      if (value === undefined || forPeople.has(key) || key === "$defs") continue
      if (key === "$ref" && typeof value === "string") out.$ref = this.reference(value)
      else this.keyword(out, key, value)
    }
    return simplify(out)
  }

  private reference(ref: string): string {
    const old = ref.slice("#/$defs/".length)
    const known = this.names.get(old)
    if (known !== undefined) return `#/$defs/${known}`
    const name = String(this.names.size)
    this.names.set(old, name)
    this.done.set(name, this.schema(this.bodies[old] ?? {}))
    return `#/$defs/${name}`
  }

  private keyword(out: Record<string, Json>, key: string, value: Json): void {
    const kind = keywordKinds.get(key)
    if (kind === "schema") out[key] = this.schema(value)
    else if (kind === "schemas" && isArray(value)) out[key] = this.schemas(key, value)
    else if ((kind === "named schemas" || kind === "pattern schemas") && isObject(value)) {
      const entries = Object.keys(value).sort()
      if (entries.length > 0)
        out[key] = Object.fromEntries(entries.map((name) => [name, this.schema(value[name] ?? {})]))
    } else if (key === "const") out.enum = [value]
    else if ((key === "enum" || key === "required" || key === "type") && isArray(value)) out[key] = sortedUnique(value)
    else out[key] = value
  }

  private schemas(key: string, value: ReadonlyArray<Json>): ReadonlyArray<Json> {
    const members = value.map((member) => this.schema(member))
    if (key === "prefixItems") return members
    if (key === "oneOf") return [...members].sort(byText)
    // A choice inside of a choice is one choice.
    const flat = members.flatMap((member) =>
      isObject(member) && onlyKey(member, key) ? listOf(member[key]) : [member]
    )
    return sortedUnique(key === "anyOf" ? joined(joined(flat, "type"), "enum") : flat)
  }
}

const onlyKey = (json: JsonObject, key: string): boolean => Object.keys(json).length === 1 && isArray(json[key])
const listOf = (json: Json | undefined): ReadonlyArray<Json> => (isArray(json) ? json : [])

/** Among alternatives, those that only list types (or only values) are one that lists them all. */
const joined = (members: ReadonlyArray<Json>, key: "type" | "enum"): ReadonlyArray<Json> => {
  const listing = (member: Json): member is JsonObject =>
    isObject(member) && Object.keys(member).length === 1 && member[key] !== undefined
  const lists = members.filter(listing)
  if (lists.length < 2) return members
  const values = sortedUnique(lists.flatMap((member) => (isArray(member[key]) ? member[key] : [member[key] ?? null])))
  return [...members.filter((member) => !listing(member)), simplify({ [key]: values })]
}

const isAnything = (json: Json | undefined): boolean => isObject(json) && Object.keys(json).length === 0

const isOnlyString = (json: Json | undefined): boolean =>
  isObject(json) && Object.keys(json).length === 1 && json.type === "string"

const simplify = (schema: Record<string, Json>): Json => {
  const { type } = schema
  if (isArray(type) && type.length === 1 && type[0] !== undefined) schema.type = type[0]
  if (isArray(schema.required) && schema.required.length === 0) delete schema.required
  if (isAnything(schema.additionalProperties)) delete schema.additionalProperties
  if (isAnything(schema.items)) delete schema.items
  if (isOnlyString(schema.propertyNames)) delete schema.propertyNames
  if (schema.minItems === 0) delete schema.minItems
  if (schema.uniqueItems === false) delete schema.uniqueItems
  // An enumeration says more than the type that all its values have.
  if (isArray(schema.enum) && schema.enum.every((value) => typeof value === schema.type)) delete schema.type
  for (const key of ["anyOf", "allOf"]) {
    const members = schema[key]
    const only = isArray(members) && members.length === 1 ? members[0] : undefined
    if (only !== undefined && Object.keys(schema).length === 1) return only
  }
  return schema
}
