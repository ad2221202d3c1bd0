import { nearest } from "@portico/gate"
import type { Issue, JsonSchema } from "@portico/schema"
import type { ErrorObject } from "ajv/dist/2020.js"
import { isObject, typesOf } from "./schemaForms.ts"
import { chosen } from "./unions.ts"

/** Issues beyond this are left out: the first hundred say enough. */
const maxIssues = 100

type Path = ReadonlyArray<string | number>

/** What Ajv found, in words that say what would be right, each with its path below `at`. */
export const issuesIn = (root: JsonSchema, errors: ReadonlyArray<ErrorObject>, at: Path): ReadonlyArray<Issue> =>
  chosen(root, errors)
    .slice(0, maxIssues)
    .map((error) => ({
      path: [...at, ...segments(error.instancePath), ...namedBy(error)],
      code: error.keyword,
      message: wordsFor(error)
    }))

/** Missing and unknown properties are reported on the object that lacks or has them; the path should name them. */
const namedBy = (error: ErrorObject): ReadonlyArray<string> => {
  const { missingProperty, additionalProperty, unevaluatedProperty } = error.params
  const name: unknown = missingProperty ?? additionalProperty ?? unevaluatedProperty
  return typeof name === "string" ? [name] : []
}

/** A JSON Pointer (RFC 6901) as keys and indexes. */
const segments = (pointer: string): Path =>
  pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((segment) => (/^(?:0|[1-9][0-9]{0,15})$/.test(segment) ? Number(segment) : segment))

const counted = (count: unknown, one: string, more: string): string => `${count} ${count === 1 ? one : more}`

const words: Readonly<Record<string, (error: ErrorObject) => string>> = {
  type: ({ schema }) => `has to be ${typesOf(schema)}`,
  required: () => "is required",
  additionalProperties: (error) => unknownKey(error),
  unevaluatedProperties: (error) => unknownKey(error),
  enum: ({ schema }) => `has to be one of ${listed(schema)}`,
  const: ({ schema }) => `has to be ${listed([schema])}`,
  anyOf: ({ params }) => `has to be ${params.forms}`,
  oneOf: ({ params }) => (params.forms === undefined ? "fits more than one of its forms" : `has to be ${params.forms}`),
  minimum: ({ schema }) => `has to be at least ${schema}`,
  maximum: ({ schema }) => `has to be at most ${schema}`,
  exclusiveMinimum: ({ schema }) => `has to be more than ${schema}`,
  exclusiveMaximum: ({ schema }) => `has to be less than ${schema}`,
  multipleOf: ({ schema }) => `has to be a multiple of ${schema}`,
  minLength: ({ schema }) => `has to have at least ${counted(schema, "character", "characters")}`,
  maxLength: ({ schema }) => `has to have at most ${counted(schema, "character", "characters")}`,
  pattern: ({ schema }) => `has to match ${schema}`,
  minItems: ({ schema }) => `has to have at least ${counted(schema, "item", "items")}`,
  maxItems: ({ schema }) => `has to have at most ${counted(schema, "item", "items")}`,
  uniqueItems: () => "has the same item twice",
  minProperties: ({ schema }) => `has to have at least ${counted(schema, "key", "keys")}`,
  maxProperties: ({ schema }) => `has to have at most ${counted(schema, "key", "keys")}`
}

const wordsFor = (error: ErrorObject): string => words[error.keyword]?.(error) ?? `does not fit ${error.keyword}`

/** Values of an enum that a message lists. */
const maxListed = 20

const listed = (schema: unknown): string => {
  const values: ReadonlyArray<unknown> = Array.isArray(schema) ? schema : [schema]
  const shown = values.slice(0, maxListed).map((value) => (typeof value === "string" ? value : JSON.stringify(value)))
  return values.length > maxListed ? `${shown.join(", ")} and others` : shown.join(", ")
}

/** Longest key that is compared with those that there are. */
const longestKey = 100

const unknownKey = (error: ErrorObject): string => {
  const [name = ""] = namedBy(error)
  const known = isObject(error.parentSchema?.properties) ? Object.keys(error.parentSchema.properties) : []
  const [meant] = nearest(name.slice(0, longestKey), known)
  if (meant !== undefined) return `is not known here; did you mean ${meant}?`
  return known.length === 0 || known.length > maxListed
    ? "is not known here"
    : `is not known here: ${listed(known)} are`
}
