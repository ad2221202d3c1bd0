import type { CallableContract, RefContract } from "../../Contract.ts"
import type { ParamFields, RefField } from "../../Field.ts"
import type { FnDef } from "../../Fn.ts"
import type { Json, JsonObject, JsonSchema } from "../../Json.ts"
import { READ } from "../../Mask.ts"
import { type FieldJson, fieldToJson, resultToJson } from "../json/fieldToJson.ts"
import { maskOf, refuse } from "../refuse.ts"
import { former } from "./renames.ts"
import type { Resolve } from "./resolve.ts"
import { checkName } from "./rules.ts"

export const isRefField = (field: unknown): field is RefField =>
  typeof field === "object" && field !== null && "_tag" in field && field._tag === "Ref"

/** The contract of a method or function. */
export const compileCallable = (
  definition: FnDef,
  kind: "method" | "function",
  where: string,
  resolve: Resolve
): CallableContract => {
  if (definition?._tag !== "Fn") return refuse(where, "a method or function is declared with fn(…)")
  if (kind === "function" && definition.static) refuse(where, "a function has no self, so static says nothing")
  const onNode = kind === "method" && !definition.static
  if (!onNode && definition.needs !== undefined) refuse(where, "needs is about self, which this has none of")
  if (definition.takes !== undefined && definition.input !== "stream") {
    refuse(where, 'takes is one item of a stream: say input: "stream" too')
  }
  if (kind === "method" && definition.route !== undefined) refuse(where, "only functions have a route")
  return {
    static: !onNode,
    input: definition.input,
    output: definition.output,
    auth: definition.auth,
    params: compileParams(definition.params, where),
    result: resultToJson(definition.returns, `${where} returns`),
    ...(definition.takes === undefined ? {} : { takes: resultToJson(definition.takes, `${where} takes`) }),
    refs: compileRefs(definition.params, where, resolve),
    needs: onNode ? (definition.needs === undefined ? READ : maskOf(definition.needs, where)) : 0,
    ...(definition.callerOnly ? { callerOnly: true } : {}),
    ...(definition.route === undefined ? {} : { route: definition.route }),
    ...former(definition.renamedFrom),
    ...(definition.title === undefined ? {} : { title: definition.title }),
    ...(definition.description === undefined ? {} : { description: definition.description }),
    ...(definition.deprecated ? { deprecated: true } : {})
  }
}

/** Params as one closed object schema. */
export const compileParams = (params: ParamFields, where: string): JsonSchema => {
  const properties: Record<string, Json> = {}
  const required: Array<string> = []
  const definitions: Record<string, Json> = {}
  for (const [name, field] of Object.entries(params)) {
    const at = `${where}(${name})`
    checkName("param", name, at)
    const json = isRefField(field) ? refToJson(field) : fieldToJson(field, at)
    properties[name] = withDefault(hoist(json.schema, definitions), json)
    if (json.required) required.push(name)
  }
  return {
    type: "object",
    properties,
    required,
    additionalProperties: false,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions })
  }
}

const withDefault = (schema: JsonSchema, json: FieldJson): JsonSchema =>
  json.default === undefined ? schema : { ...schema, default: json.default }

const refToJson = (field: RefField): FieldJson => ({
  schema: { type: "string", ...(field.description === undefined ? {} : { description: field.description }) },
  required: !field.optional
})

/** Moves the definitions of one param to the root of all params, under names that are free there. */
const hoist = (schema: JsonSchema, definitions: Record<string, Json>): JsonSchema => {
  const { $defs, ...rest } = schema
  if (!isObject($defs)) return schema
  const taken = Object.keys(definitions).length
  const names = new Map(Object.keys($defs).map((name, index) => [name, `T${taken + index + 1}`]))
  for (const [name, body] of Object.entries($defs)) {
    const free = names.get(name)
    if (free !== undefined) definitions[free] = rename(body, names)
  }
  const renamed = rename(rest, names)
  return isObject(renamed) ? renamed : rest
}

const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json)

const rename = (json: Json, names: ReadonlyMap<string, string>): Json => {
  if (Array.isArray(json)) return json.map((item: Json) => rename(item, names))
  if (!isObject(json)) return json
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => {
      const name = key === "$ref" && typeof value === "string" ? names.get(value.slice("#/$defs/".length)) : undefined
      return [key, name === undefined ? rename(value, names) : `#/$defs/${name}`]
    })
  )
}

const compileRefs = (params: ParamFields, where: string, resolve: Resolve): ReadonlyArray<RefContract> =>
  Object.entries(params).flatMap(([name, field]) =>
    isRefField(field)
      ? [{ param: name, types: [resolve(field.target(), `${where}(${name})`)], needs: field.needs }]
      : []
  )
