import type * as SchemaAST from "effect/SchemaAST"
import type { Json, JsonObject } from "../../Json.ts"

type Loose = Readonly<Record<string, unknown>>

/** The length of strings is counted in code points, as JSON Schema does; Effect counts UTF-16 code units. */
const own: Readonly<Record<string, (payload: Loose, type: string) => JsonObject | undefined>> = {
  "effect/schema/isMinLength": ({ minLength }, type) => length(type, "min", minLength),
  "effect/schema/isMaxLength": ({ maxLength }, type) => length(type, "max", maxLength),
  "effect/schema/isBetweenLength": ({ minimum, maximum }, type) => {
    const least = length(type, "min", minimum)
    const most = length(type, "max", maximum)
    return least === undefined || most === undefined ? undefined : { ...least, ...most }
  },
  "effect/schema/isPattern": ({ source, flags }) =>
    typeof source === "string" && (flags === "" || flags === "u") ? { pattern: source } : undefined,
  "effect/schema/isUUID": ({ version }) => ({
    format: "uuid",
    pattern: `^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-${version === null ? "[1-8]" : String(version)}[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$`
  }),
  "effect/schema/isGUID": () => ({
    pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
  })
}

const length = (type: string, end: "min" | "max", count: unknown): JsonObject | undefined => {
  if (typeof count !== "number") return undefined
  if (type === "string") return { [`${end}Length`]: count }
  return type === "array" ? { [`${end}Items`]: count } : undefined
}

const isObject = (u: unknown): u is Loose => typeof u === "object" && u !== null && !Array.isArray(u)

/** Checks as JSON Schema keywords, or the name of the check that JSON Schema cannot carry. */
export type CheckOutcome = { readonly keywords: ReadonlyArray<JsonObject> } | { readonly cannot: string }

/**
 * What a check demands, as JSON Schema. Portico's own reading where it has one, so that the contract does not depend
 * on how a version of Effect words it; else what the check itself declares, when that is exact.
 */
export const checkToJson = (
  check: SchemaAST.Check<never>,
  type: string,
  toJson: (ast: SchemaAST.AST) => JsonObject
): CheckOutcome => {
  if (check._tag === "FilterGroup" && typeof check.annotations?.toJsonSchema !== "function") {
    const keywords: Array<JsonObject> = []
    for (const part of check.checks) {
      const outcome = checkToJson(part, type, toJson)
      if ("cannot" in outcome) return outcome
      keywords.push(...outcome.keywords)
    }
    return { keywords }
  }
  const annotations: Loose = check.annotations ?? {}
  const representation = isObject(annotations.representation) ? annotations.representation : {}
  const name = typeof annotations.expected === "string" ? annotations.expected : "a check of its own"
  const reading = typeof representation.id === "string" ? own[representation.id] : undefined
  const keywords = reading?.(isObject(representation.payload) ? representation.payload : {}, type)
  if (keywords !== undefined) return { keywords: [keywords] }
  if (reading !== undefined || typeof annotations.toJsonSchema !== "function") return { cannot: name }
  // Boundary: the callback's type is declared by SchemaRepresentation; its schemas are ASTs here.
  const schemas = Array.isArray(representation.schemas) ? (representation.schemas as Array<SchemaAST.AST>) : []
  const declared: unknown = annotations.toJsonSchema({ type, schemas: schemas.map(toJson) })
  return isObject(declared) ? { keywords: [declared as JsonObject] } : { cannot: name }
}

const tightest: Readonly<Record<string, (a: number, b: number) => number>> = {
  minimum: Math.max,
  exclusiveMinimum: Math.max,
  minLength: Math.max,
  minItems: Math.max,
  minProperties: Math.max,
  maximum: Math.min,
  exclusiveMaximum: Math.min,
  maxLength: Math.min,
  maxItems: Math.min,
  maxProperties: Math.min
}

/** Both at once: bounds tighten, `integer` narrows `number`, and what else collides goes under `allOf`. */
export const conjoin = (schema: JsonObject, keywords: JsonObject): JsonObject => {
  const merged: Record<string, Json> = { ...schema }
  const apart: Record<string, Json> = {}
  for (const [key, value] of Object.entries(keywords)) {
    const present = merged[key]
    const tighten = tightest[key]
    if (present === undefined || (key === "type" && present === "number" && value === "integer")) merged[key] = value
    else if (present === value || (key === "type" && present === "integer" && value === "number")) continue
    else if (tighten !== undefined && typeof present === "number" && typeof value === "number") {
      merged[key] = tighten(present, value)
    } else apart[key] = value
  }
  if (Object.keys(apart).length === 0) return merged
  const others = Array.isArray(merged.allOf) ? merged.allOf : []
  return { ...merged, allOf: [...others, apart] }
}
