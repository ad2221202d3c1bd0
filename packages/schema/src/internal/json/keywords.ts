/** The keywords of JSON Schema 2020-12 that a contract may use, by what their value is. */
export type KeywordKind =
  | "schema"
  | "schemas"
  | "named schemas"
  | "pattern schemas"
  | "pattern"
  | "names"
  | "named names"
  | "count"
  | "number"
  | "boolean"
  | "text"
  | "type"
  | "json"
  | "list"

export const keywordKinds: ReadonlyMap<string, KeywordKind> = new Map<string, KeywordKind>([
  ["type", "type"],
  ["enum", "list"],
  ["const", "json"],
  ["properties", "named schemas"],
  ["patternProperties", "pattern schemas"],
  ["additionalProperties", "schema"],
  ["propertyNames", "schema"],
  ["required", "names"],
  ["dependentRequired", "named names"],
  ["dependentSchemas", "named schemas"],
  ["minProperties", "count"],
  ["maxProperties", "count"],
  ["items", "schema"],
  ["prefixItems", "schemas"],
  ["contains", "schema"],
  ["minContains", "count"],
  ["maxContains", "count"],
  ["minItems", "count"],
  ["maxItems", "count"],
  ["uniqueItems", "boolean"],
  ["minLength", "count"],
  ["maxLength", "count"],
  ["pattern", "pattern"],
  ["format", "text"],
  ["contentEncoding", "text"],
  ["contentMediaType", "text"],
  ["contentSchema", "schema"],
  ["minimum", "number"],
  ["maximum", "number"],
  ["exclusiveMinimum", "number"],
  ["exclusiveMaximum", "number"],
  ["multipleOf", "number"],
  ["anyOf", "schemas"],
  ["oneOf", "schemas"],
  ["allOf", "schemas"],
  ["not", "schema"],
  ["if", "schema"],
  ["then", "schema"],
  ["else", "schema"],
  ["default", "json"],
  ["title", "text"],
  ["description", "text"],
  ["examples", "list"],
  ["deprecated", "boolean"],
  ["readOnly", "boolean"],
  ["writeOnly", "boolean"]
])

/** What is for people to read, and no part of a contract's identity. */
export const forPeople: ReadonlySet<string> = new Set([
  "title",
  "description",
  "examples",
  "deprecated",
  "$comment",
  "$schema"
])

/** The types of JSON Schema. */
export const typeNames: ReadonlySet<unknown> = new Set([
  "array",
  "boolean",
  "integer",
  "null",
  "number",
  "object",
  "string"
])
