import type { JsonSchema } from "@portico/schema"
import type { ErrorObject } from "ajv/dist/2020.js"
import { formsOf, isFor, isObject } from "./schemaForms.ts"

const isUnion = (error: ErrorObject): boolean => error.keyword === "anyOf" || error.keyword === "oneOf"

/**
 * Of what Ajv says about a value that fits no form of a union, which is what is wrong by every one of them, only what is
 * wrong by the form that was meant: the one whose tag it has (`op: "update"`), or whose type.
 */
export const chosen = (root: JsonSchema, errors: ReadonlyArray<ErrorObject>): ReadonlyArray<ErrorObject> => {
  const found: Array<ErrorObject> = []
  for (const error of errors) {
    // The errors of its forms come right before the one of a union.
    const told = isUnion(error) ? toldOf(error, takeForms(root, error, found)) : [error]
    for (const each of told) found.push(each)
  }
  return found
}

interface Form {
  readonly schema: unknown
  readonly errors: Array<ErrorObject>
}

/** The forms of a union, each with its errors, which are taken from the end of `found`. */
const takeForms = (root: JsonSchema, union: ErrorObject, found: Array<ErrorObject>): ReadonlyArray<Form> => {
  const branches: ReadonlyArray<unknown> = Array.isArray(union.schema) ? union.schema : []
  const forms = branches.map((branch, index) => ({
    schema: resolved(root, branch),
    errors: [] as ErrorObject[],
    place: `${union.schemaPath}/${index}/`,
    // What a reference leads to is compiled by itself, and its errors are told from there.
    isElsewhere: isObject(branch) && typeof branch.$ref === "string"
  }))
  for (let last = found[found.length - 1]; last !== undefined; last = found[found.length - 1]) {
    const { instancePath, schemaPath } = last
    if (!isBelow(instancePath, union.instancePath)) break
    const form = forms.find(({ place }) => schemaPath.startsWith(place)) ?? forms.find(({ isElsewhere }) => isElsewhere)
    if (form === undefined) break
    form.errors.push(last)
    found.pop()
  }
  for (const { errors } of forms) errors.reverse()
  return forms
}

const isBelow = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`)

/** What a reference within the schema leads to. */
const resolved = (root: JsonSchema, branch: unknown): unknown => {
  if (!isObject(branch) || typeof branch.$ref !== "string") return branch
  let at: unknown = root
  for (const segment of branch.$ref.split("/").slice(1)) at = isObject(at) ? at[segment] : undefined
  return at
}

const toldOf = (union: ErrorObject, forms: ReadonlyArray<Form>): ReadonlyArray<ErrorObject> => {
  if (Array.isArray(union.params.passingSchemas)) return [union]
  const tag = tagOf(forms)
  if (tag !== undefined && isObject(union.data)) return taggedOf(union, forms, tag, union.data)
  const [fewest] = forms
    .filter(({ schema }) => isFor(schema, union.data))
    .sort((a, b) => a.errors.length - b.errors.length)
  const isMeant = fewest?.errors.some(
    ({ instancePath, keyword }) => keyword !== "type" || instancePath !== union.instancePath
  )
  if (fewest !== undefined && isMeant === true) return fewest.errors
  return [{ ...union, params: { forms: formsOf(forms.map(({ schema }) => schema)) } }]
}

const taggedOf = (
  union: ErrorObject,
  forms: ReadonlyArray<Form>,
  tag: string,
  data: Readonly<Record<string, unknown>>
): ReadonlyArray<ErrorObject> => {
  if (!Object.hasOwn(data, tag)) return [{ ...union, keyword: "required", params: { missingProperty: tag } }]
  const meant = forms.find(({ schema }) => tagIn(schema, tag) === data[tag])
  if (meant !== undefined) return meant.errors
  const schema = forms.map((form) => tagIn(form.schema, tag))
  return [{ ...union, keyword: "enum", schema, params: {}, instancePath: `${union.instancePath}/${tag}` }]
}

/** The one value that a property of a form has. */
const tagIn = (schema: unknown, name: string): unknown => {
  const property = isObject(schema) && isObject(schema.properties) ? schema.properties[name] : undefined
  if (!isObject(property)) return undefined
  return Array.isArray(property.enum) && property.enum.length === 1 ? property.enum[0] : property.const
}

/** The property whose values tell the forms apart. */
const tagOf = (forms: ReadonlyArray<Form>): string | undefined => {
  const first = forms[0]?.schema
  if (!isObject(first) || !isObject(first.properties)) return undefined
  return Object.keys(first.properties).find((name) => {
    const tags = forms.map(({ schema }) => tagIn(schema, name))
    return tags.every((tag) => tag !== undefined) && new Set(tags).size === tags.length
  })
}
