import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { EffectField, Field, StandardField } from "../../Field.ts"
import type { Json, JsonObject, JsonSchema } from "../../Json.ts"
import { refuse } from "../refuse.ts"
import { checkJsonSchema, JsonSchemaProblem } from "./checkJsonSchema.ts"
import { annotationsOf, effectToJson } from "./effectToJson.ts"
import { isJson } from "./isJson.ts"

/** The JSON form of a field. */
export interface FieldJson {
  readonly schema: JsonSchema
  readonly required: boolean
  readonly default?: Json
}

/** True for an Effect Schema, of any copy of Effect. */
export const isEffectField = (field: unknown): field is EffectField => Schema.isSchema(field)

const isStandardField = (field: unknown): field is StandardField =>
  (typeof field === "object" || typeof field === "function") && field !== null && "~standard" in field

/** The JSON form of a property or param. Refuses, naming `where`, what JSON Schema cannot carry. */
export const fieldToJson = (field: Field, where: string): FieldJson => {
  if (isEffectField(field)) return effectField(field, where)
  if (isStandardField(field)) return standardField(field, where)
  return refuse(where, "an Effect Schema or a Standard Schema is wanted here")
}

/** The JSON form of a result. Undefined stands for `Schema.Void`. */
export const resultToJson = (field: Field | undefined, where: string): JsonSchema => {
  if (field === undefined) return { type: "null" }
  if (isEffectField(field)) return checked(effectToJson(field.ast, where), where)
  return fieldToJson(field, where).schema
}

const checked = (schema: unknown, where: string): JsonSchema => {
  try {
    return checkJsonSchema(schema)
  } catch (error) {
    if (error instanceof JsonSchemaProblem) return refuse(where, error.message)
    throw error
  }
}

const effectField = (field: EffectField, where: string): FieldJson => {
  const encoded = SchemaAST.toEncoded(field.ast)
  const optional = encoded.context?.isOptional === true
  const schema = checked(effectToJson(optional ? withoutUndefined(encoded) : encoded, where), where)
  const { default: annotated, ...rest } = { ...annotationsOf(field.ast), ...schema }
  const fallback =
    annotated ?? (optional && field.ast.context?.isOptional !== true ? decodingDefault(field, where) : undefined)
  return withDefault(rest, !optional, fallback)
}

/** A property that may be absent is absent on the wire; only inside of structs does Effect write null for it. */
const withoutUndefined = (ast: SchemaAST.AST): SchemaAST.AST => {
  if (!SchemaAST.isUnion(ast) || ast.checks !== undefined) return ast
  const members = ast.types.filter((member) => !SchemaAST.isUndefined(member))
  const only = members[0]
  if (members.length === ast.types.length || only === undefined) return ast
  return members.length === 1 ? only : new SchemaAST.Union(members, ast.options, ast.annotations)
}

/** What decoding puts in place of a missing key. */
const decodingDefault = (field: EffectField, where: string): Json | undefined => {
  const codec = Schema.toCodecJson(Schema.Struct({ value: field }))
  const once = decodeAndEncode(codec)
  if (once === undefined) return undefined
  const twice = decodeAndEncode(codec)
  if (JSON.stringify(once) !== JSON.stringify(twice)) return refuse(where, "a default is the same every time")
  return once.value
}

const decodeAndEncode = (codec: Schema.ConstraintCodec<unknown>): JsonObject | undefined => {
  const encoded = Result.flatMap(Schema.decodeUnknownResult(codec)({}), Schema.encodeUnknownResult(codec))
  return Result.isSuccess(encoded) && isJson(encoded.success) && isPlainObject(encoded.success)
    ? encoded.success
    : undefined
}

const isPlainObject = (json: Json): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json)

const withDefault = (schema: JsonSchema, required: boolean, fallback: Json | undefined): FieldJson =>
  fallback === undefined ? { schema, required } : { schema, required: false, default: fallback }

const standardField = (field: StandardField, where: string): FieldJson => {
  const standard = field["~standard"]
  if (typeof standard.jsonSchema?.input !== "function") {
    return refuse(where, `this schema of ${standard.vendor} yields no JSON Schema`)
  }
  let yielded: unknown
  try {
    yielded = standard.jsonSchema.input({ target: "draft-2020-12" })
  } catch (error) {
    return refuse(where, `JSON Schema cannot carry it (${error instanceof Error ? error.message : String(error)})`)
  }
  const { default: fallback, ...schema } = checked(yielded, where)
  const absent = standard.validate(undefined)
  const optional = !(absent instanceof Promise) && absent.issues === undefined
  return withDefault(schema, !optional, fallback)
}
