import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { ConfigSchema } from "../../Settings.ts"
import { type SettingOptions, settingAnnotation } from "./setting.ts"

/** One setting: a field of a config schema that is no struct itself. */
export interface Leaf {
  readonly path: ReadonlyArray<string>
  /** Dotted, without the owner. */
  readonly name: string
  /** Without the owner: `WAL_SYNC`. */
  readonly screamed: string
  /** The variable that the field names itself. */
  readonly env: string | undefined
  /** The flag that the field names itself, without its dashes. */
  readonly flag: string | undefined
  readonly description: string | null
  readonly secret: boolean
  /** What its schema is in the struct that it is a field of. */
  readonly field: Schema.Constraint
  /** What the value looks like in a file. */
  readonly type: string
}

const known = new WeakMap<ConfigSchema, ReadonlyArray<Leaf>>()

/** The settings of a schema, in the order of declaration. */
export const leavesOf = (schema: ConfigSchema): ReadonlyArray<Leaf> => {
  const present = known.get(schema)
  if (present !== undefined) return present
  const leaves = collect(schema.fields, [])
  known.set(schema, leaves)
  return leaves
}

const collect = (fields: Schema.Struct.Fields, prefix: ReadonlyArray<string>): ReadonlyArray<Leaf> =>
  Object.entries(fields).flatMap(([name, field]) => {
    const path = [...prefix, name]
    return isStruct(field) ? collect(field.fields, path) : [makeLeaf(path, field)]
  })

/** A plain nested struct; one that is optional, has a default or is transformed is a setting of its own. */
export const isStruct = (field: Schema.Constraint): field is ConfigSchema =>
  "fields" in field &&
  field.ast._tag === "Objects" &&
  field.ast.encoding === undefined &&
  !SchemaAST.isOptional(field.ast)

const makeLeaf = (path: ReadonlyArray<string>, field: Schema.Constraint): Leaf => {
  const annotations = SchemaAST.resolve(field.ast) ?? {}
  // Only `Gateway.setting` writes under this key.
  const options = (annotations[settingAnnotation] ?? {}) as SettingOptions
  const described = options.description ?? annotations.description
  return {
    path,
    name: path.join("."),
    screamed: path.map(screaming).join("_"),
    env: options.env,
    flag: options.flag,
    description: typeof described === "string" ? described : null,
    secret: holdsSecret(field.ast),
    field,
    type: typeName(SchemaAST.toType(field.ast))
  }
}

/** `walSync` becomes `WAL_SYNC`, `domain-host` becomes `DOMAIN_HOST`, `cacheMiB` becomes `CACHE_MIB`. */
export const screaming = (name: string): string => (name === name.toLowerCase() ? words(name) : words(parted(name)))

const words = (name: string): string => name.replaceAll(/[^A-Za-z0-9]+/g, "_").toUpperCase()

const parted = (name: string): string =>
  name
    .replaceAll(/([KMGT])iB(?![a-z])/g, "$1IB")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/([A-Z]+)([A-Z][a-z]{2,})/g, "$1_$2")

const redacted = "effect/schema/Redacted"

const holdsSecret = (ast: SchemaAST.AST): boolean => {
  const type = SchemaAST.toType(ast)
  const representation = SchemaAST.resolve(type)?.representation
  if (
    typeof representation === "object" &&
    representation !== null &&
    "id" in representation &&
    representation.id === redacted
  ) {
    return true
  }
  switch (type._tag) {
    case "Union":
      return type.types.some(holdsSecret)
    case "Arrays":
      return [...type.elements, ...type.rest].some(holdsSecret)
    case "Objects":
      return [...type.propertySignatures, ...type.indexSignatures].some((signature) => holdsSecret(signature.type))
    default:
      return false
  }
}

/** A few words for a reference of settings. */
const typeName = (ast: SchemaAST.AST): string => {
  const { expected } = SchemaAST.resolve(ast) ?? {}
  switch (ast._tag) {
    case "String":
      return "text"
    case "Number":
      return ast.checks?.some((check) => check.annotations?.expected === "an integer") ? "integer" : "number"
    case "Boolean":
      return "true or false"
    case "Literal":
      return JSON.stringify(ast.literal) ?? String(ast.literal)
    case "Union":
      // What the amounts of `units.ts` are called; a check that was added says something else.
      if (typeof ast.annotations?.expected === "string") return ast.annotations.expected
      return [...new Set(ast.types.filter((type) => type._tag !== "Undefined").map(typeName))].join(" | ")
    case "Arrays":
      return `list of ${ast.rest.map(typeName).join(" | ") || "values"}`
    case "Objects":
      return "table"
    default:
      if (!holdsSecret(ast)) return typeof expected === "string" ? expected : "value"
      // What is wrong with a secret is not told, so its author's word for what it should be is all that helps.
      return typeof expected === "string" && expected !== "Redacted" ? `secret ${expected}` : "secret text"
  }
}
