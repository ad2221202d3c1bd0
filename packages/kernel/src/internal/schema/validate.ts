import type { Issue, JsonSchema } from "@portico/schema"
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js"

/**
 * JSON Schema 2020-12. Formats are annotations, as that draft has it; unknown keywords are ignored; schemas are not
 * kept by Ajv, because whoever holds the schema holds its validator (below).
 */
const makeAjv = () =>
  new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: false,
    addUsedSchema: false,
    messages: true,
    ownProperties: true,
    logger: false
  })

let ajv: Ajv2020 | undefined
const compiled = new WeakMap<JsonSchema, ValidateFunction>()

const compile = (schema: JsonSchema): ValidateFunction => {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  ajv ??= makeAjv()
  const validate = ajv.compile(schema)
  compiled.set(schema, validate)
  return validate
}

/** Issues beyond this are left out: the first hundred say enough. */
const maxIssues = 100

/** Whether nothing is wrong with `value`. */
export const fits = (schema: JsonSchema, value: unknown): boolean => compile(schema)(value)

/** What is wrong with `value`, each issue with its path below `at`; nothing when it fits. */
export const issuesOf = (
  schema: JsonSchema,
  value: unknown,
  at: ReadonlyArray<string | number> = []
): ReadonlyArray<Issue> => {
  const validate = compile(schema)
  if (validate(value)) return []
  return (validate.errors ?? []).slice(0, maxIssues).map((error) => issueOf(error, at))
}

const issueOf = (error: ErrorObject, at: ReadonlyArray<string | number>): Issue => {
  const path = [...at, ...segments(error.instancePath), ...namedBy(error)]
  return { path, code: error.keyword, message: error.message ?? "does not fit" }
}

/** Missing and unknown properties are reported on the object that lacks or has them; the path should name them. */
const namedBy = (error: ErrorObject): ReadonlyArray<string> => {
  const { missingProperty, additionalProperty, unevaluatedProperty } = error.params
  const name: unknown = missingProperty ?? additionalProperty ?? unevaluatedProperty
  return typeof name === "string" ? [name] : []
}

/** A JSON Pointer (RFC 6901) as keys and indexes. */
const segments = (pointer: string): ReadonlyArray<string | number> =>
  pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((segment) => (/^(?:0|[1-9][0-9]{0,15})$/.test(segment) ? Number(segment) : segment))
