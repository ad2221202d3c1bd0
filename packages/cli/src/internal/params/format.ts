/**
 * A value written as `KEY=VALUE` words that read back as itself.
 */
import type { Json } from "@portico/schema"
import * as Result from "effect/Result"
import type { JsonSchema } from "../../Params.ts"
import { alternatives, propertySchema } from "./jsonSchema.ts"
import { typed } from "./typed.ts"

const bareKey = /^[^".=:]+$/

const formatKey = (path: ReadonlyArray<string>): string =>
  path.map((part) => (bareKey.test(part) ? part : JSON.stringify(part))).join(".")

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The schema under a key of an object, where there is exactly one. */
const under = (root: JsonSchema, schema: JsonSchema, key: string): JsonSchema | undefined => {
  const objects = alternatives(root, schema).filter((one) => one.type === "object")
  const [only] = objects
  return only === undefined || objects.length > 1 ? undefined : propertySchema(only, key)
}

const schemaAt = (root: JsonSchema, path: ReadonlyArray<string>): JsonSchema | undefined => {
  let schema: JsonSchema | undefined = root
  for (const key of path) {
    schema = under(root, schema, key)
    if (schema === undefined) return undefined
  }
  return schema
}

/** Writes a value in the shortest form that reads back as itself. */
export const formatWord = (
  path: ReadonlyArray<string>,
  value: Json,
  root: JsonSchema,
  schema: JsonSchema
): ReadonlyArray<string> => {
  const here = schemaAt(schema, path)
  if (isObject(value) && Object.keys(value).length > 0 && here !== undefined) {
    const objects = alternatives(root, here).filter((one) => one.type === "object")
    if (objects.length === 1) {
      return Object.entries(value).flatMap(([key, inner]) => formatWord([...path, key], inner, root, schema))
    }
  }
  const texts = plainTexts(value)
  if (texts !== undefined && here !== undefined) {
    const read = typed(
      root,
      here,
      texts.map((text) => ({ _tag: "Text", text }))
    )
    if (Result.isSuccess(read) && JSON.stringify(read.success) === JSON.stringify(value)) {
      return texts.map((text) => `${formatKey(path)}=${text}`)
    }
  }
  return [`${formatKey(path)}:=${JSON.stringify(value)}`]
}

/** The texts that could stand for a value: one for a scalar, one per item for a list of scalars. */
const plainTexts = (value: Json): ReadonlyArray<string> | undefined => {
  if (Array.isArray(value)) {
    return value.length > 0 && value.every((item) => typeof item !== "object" || item === null)
      ? value.map((item) => String(item))
      : undefined
  }
  return typeof value === "object" && value !== null ? undefined : [String(value)]
}
