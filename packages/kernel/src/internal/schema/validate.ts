import type { Issue, JsonSchema } from "@portico/schema"
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js"
import { issuesIn } from "./issues.ts"

/**
 * JSON Schema 2020-12. Formats are annotations, as that draft has it; unknown keywords are ignored; schemas are not
 * kept by Ajv, because whoever holds the schema holds its validator (below). What is wrong is told in words of ours.
 */
const makeAjv = () =>
  new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: false,
    addUsedSchema: false,
    messages: false,
    verbose: true,
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
  return issuesIn(schema, validate.errors ?? [], at)
}
