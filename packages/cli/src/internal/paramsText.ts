/**
 * Params of a callable, for a human.
 */
import type { JsonObject } from "@portico/schema"
import type { Callable } from "./answers.ts"
import { alternatives, isRequired, propertyNames, propertySchema } from "./params/jsonSchema.ts"
import { schemaText } from "./params/schemaText.ts"
import type { Column } from "./table.ts"

export interface Param {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly note: string
}

/** The value as an object; answers were decoded as JSON, so an object among them is a JSON object. */
export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined

/** The params that an object schema describes; `refs` are those that are paths of nodes. */
export const paramsOf = (schema: unknown, refs: Callable["refs"] = []): ReadonlyArray<Param> => {
  const root = asObject(schema) ?? true
  const [shape] = alternatives(root, root).filter((one) => one.type === "object")
  if (shape === undefined) return []
  return propertyNames(shape).map((name) => {
    const ref = refs.find((one) => one.param === name)
    const needs = ref === undefined || ref.needs.length === 0 ? "" : `, you need ${ref.needs.join(", ")} there`
    return {
      name,
      type: schemaText(root, propertySchema(shape, name) ?? true),
      required: isRequired(shape, name),
      note: ref === undefined ? "" : `path of a ${ref.types.join(" or ")}${needs}`
    }
  })
}

/** `email [name] [company]`: optional ones in brackets. */
export const paramNames = (schema: unknown): string =>
  paramsOf(schema)
    .map((param) => (param.required ? param.name : `[${param.name}]`))
    .join(" ")

/** A row per param, under this title. */
export const paramColumns = (title: string): ReadonlyArray<Column<Param>> => [
  { title, value: (param) => param.name },
  { title: "TYPE", value: (param) => param.type },
  { title: "", value: (param) => (param.required ? "required" : "optional") },
  { title: "", value: (param) => param.note }
]
