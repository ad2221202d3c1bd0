import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Json, JsonObject, JsonSchema } from "../../Json.ts"
import { refuse } from "../refuse.ts"
import { checkToJson, conjoin } from "./checks.ts"
import { isJson } from "./isJson.ts"

type Keywords = Record<string, Json>

/** Declarations that are written down here, so that they do not change with how Effect encodes them. */
const declared: Readonly<Record<string, JsonObject>> = {
  "effect/schema/Json": {},
  "effect/schema/MutableJson": {},
  "effect/schema/Date": { type: "string", format: "date-time" },
  "effect/schema/DateTimeUtc": { type: "string", format: "date-time" },
  "effect/schema/URL": { type: "string", format: "uri" },
  "effect/schema/Uint8Array": { type: "string", contentEncoding: "base64" }
}

/**
 * The JSON form of an Effect Schema: of its encoded side, and of the canonical JSON codec where that is no JSON.
 * Structs are closed. Schemas that contain themselves become `$defs`. Refuses what JSON Schema cannot carry.
 *
 * This reads the schema itself and not Effect's own JSON Schema output, whose wording is Effect's to change.
 */
export const effectToJson = (ast: SchemaAST.AST, where: string): JsonSchema => {
  const compiler = new Compiler()
  const schema = compiler.visit(SchemaAST.toEncoded(ast), where)
  return compiler.definitions.size === 0
    ? schema
    : { ...schema, $defs: Object.fromEntries([...compiler.definitions].map(([name, body]) => [name, body])) }
}

/** Titles, descriptions and defaults that were put on a schema, on its checks, or on its key. */
export const annotationsOf = (ast: SchemaAST.AST): Keywords => {
  const found: Keywords = {}
  const sources = [ast.annotations, ...(ast.checks ?? []).map((check) => check.annotations), ast.context?.annotations]
  for (const source of sources) {
    if (source === undefined) continue
    for (const key of ["title", "description", "format", "contentEncoding", "contentMediaType"]) {
      const value = source[key]
      if (typeof value === "string") found[key] = value
    }
    if (source.deprecated === true) found.deprecated = true
    if (isJson(source.default)) found.default = source.default
    if (Array.isArray(source.examples) && isJson(source.examples)) found.examples = source.examples
  }
  return found
}

class Compiler {
  readonly definitions = new Map<string, JsonSchema>()
  /** Where the walk is right now; a name once the schema turned out to contain itself. */
  private readonly active = new Map<SchemaAST.AST, { name?: string }>()
  private readonly named = new Map<SchemaAST.AST, string>()
  private count = 0

  visit(ast: SchemaAST.AST, where: string): JsonSchema {
    const known = this.named.get(ast)
    if (known !== undefined) return reference(known)
    const entered = this.active.get(ast)
    if (entered !== undefined) {
      if (entered.name === undefined) {
        this.count++
        entered.name = `T${this.count}`
      }
      return reference(entered.name)
    }
    const entry: { name?: string } = {}
    this.active.set(ast, entry)
    const schema = this.checked(ast, where)
    this.active.delete(ast)
    if (entry.name === undefined) return schema
    this.named.set(ast, entry.name)
    this.definitions.set(entry.name, schema)
    return reference(entry.name)
  }

  private checked(ast: SchemaAST.AST, where: string): JsonSchema {
    let schema = this.bare(ast, where)
    for (const check of ast.checks ?? []) {
      const type = typeof schema.type === "string" ? schema.type : "unknown"
      const outcome = checkToJson(check, type, (key) => this.visit(SchemaAST.toEncoded(key), where))
      if ("cannot" in outcome) {
        return refuse(where, `JSON Schema cannot carry this check (${outcome.cannot}); check it in the handler instead`)
      }
      schema = outcome.keywords.reduce(conjoin, schema)
    }
    return { ...schema, ...annotationsOf(ast) }
  }

  private bare(ast: SchemaAST.AST, where: string): JsonSchema {
    switch (ast._tag) {
      case "String":
        return { type: "string" }
      // JSON has no NaN and no infinities, so every number is finite.
      case "Number":
        return { type: "number" }
      case "Boolean":
        return { type: "boolean" }
      case "Null":
      case "Undefined":
      case "Void":
        return { type: "null" }
      case "Any":
      case "Unknown":
        return {}
      case "Never":
        return { not: {} }
      case "ObjectKeyword":
        return { type: ["array", "object"] }
      case "BigInt":
        return { type: "string", pattern: "^-?[0-9]+$" }
      case "Literal":
        return typeof ast.literal === "bigint" ? enumeration([String(ast.literal)]) : enumeration([ast.literal])
      case "Enum":
        return enumeration(ast.enums.map(([_name, value]) => value))
      case "TemplateLiteral":
        return this.templateLiteral(ast)
      case "Objects":
        return this.objects(ast, where)
      case "Arrays":
        return this.arrays(ast, where)
      case "Union":
        return this.union(ast, where)
      case "Suspend":
        return this.visit(ast.thunk(), where)
      case "Declaration":
        return this.declaration(ast, where)
      case "Symbol":
      case "UniqueSymbol":
        return refuse(where, "JSON cannot carry a symbol")
    }
  }

  private templateLiteral(ast: SchemaAST.TemplateLiteral): JsonSchema {
    const { pattern } = Schema.toJsonSchemaDocument(Schema.make(ast)).schema
    return typeof pattern === "string" ? { type: "string", pattern } : { type: "string" }
  }

  private objects(ast: SchemaAST.Objects, where: string): JsonSchema {
    const properties: Keywords = {}
    const required: Array<string> = []
    for (const { name, type } of ast.propertySignatures) {
      if (typeof name !== "string") return refuse(where, "JSON cannot carry a symbol as a key")
      if (name === "__proto__") return refuse(where, "a key may not be __proto__")
      properties[name] = this.visit(type, `${where}.${name}`)
      if (type.context?.isOptional !== true) required.push(name)
    }
    const schema: Keywords = { type: "object" }
    if (Object.keys(properties).length > 0) schema.properties = properties
    if (required.length > 0) schema.required = required
    if (ast.indexSignatures.length > 1) return refuse(where, "JSON Schema cannot carry several kinds of keys")
    const index = ast.indexSignatures[0]
    if (index === undefined) return { ...schema, additionalProperties: false }
    const keys = this.visit(index.parameter, `${where}[key]`)
    if (keys.type !== "string") return refuse(where, "the keys of a record are strings")
    const values = this.visit(index.type, `${where}[…]`)
    const { type: _type, ...keyRules } = keys
    return {
      ...schema,
      ...(Object.keys(keyRules).length === 0 ? {} : { propertyNames: keys }),
      additionalProperties: values
    }
  }

  private arrays(ast: SchemaAST.Arrays, where: string): JsonSchema {
    const rest = ast.rest.map((item) => this.visit(item, `${where}[…]`))
    if (rest.length > 1) return refuse(where, "JSON Schema cannot carry elements behind the rest of a tuple")
    if (ast.elements.length === 0) return { type: "array", items: rest[0] ?? { not: {} } }
    const prefixItems = ast.elements.map((item, index) => this.visit(item, `${where}[${index}]`))
    const optional = ast.elements.filter((item) => item.context?.isOptional === true).length
    const bounds = { minItems: prefixItems.length - optional }
    return rest[0] === undefined
      ? { type: "array", prefixItems, ...bounds, maxItems: prefixItems.length }
      : { type: "array", prefixItems, ...bounds, items: rest[0] }
  }

  private union(ast: SchemaAST.Union, where: string): JsonSchema {
    const literals: Array<string | number | boolean> = []
    const others: Array<JsonSchema> = []
    for (const member of ast.types) {
      if (member._tag === "Literal" && typeof member.literal !== "bigint") literals.push(member.literal)
      else others.push(this.visit(member, where))
    }
    const members = literals.length === 0 ? others : [enumeration(literals), ...others]
    const only = members[0]
    if (members.length <= 1) return only ?? { not: {} }
    return ast.options?.mode === "oneOf" ? { oneOf: members } : { anyOf: members }
  }

  private declaration(ast: SchemaAST.Declaration, where: string): JsonSchema {
    const representation = ast.annotations?.representation
    const id =
      typeof representation === "object" && representation !== null && "id" in representation ? representation.id : ""
    const known = declared[String(id)]
    if (known !== undefined) return known
    const annotations = ast.annotations
    if (typeof annotations?.toCodecJson !== "function" && typeof annotations?.toCodec !== "function") {
      const what = typeof annotations?.expected === "string" ? annotations.expected : "a value of a class"
      return refuse(where, `JSON cannot carry ${what}`)
    }
    const bare = SchemaAST.toType(ast)
    const encoded = SchemaAST.toEncoded(Schema.toCodecJson(Schema.make(bare)).ast)
    if (encoded === ast || encoded === bare) return refuse(where, `JSON cannot carry ${String(annotations.expected)}`)
    return this.visit(encoded, where)
  }
}

const reference = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` })

const enumeration = (values: ReadonlyArray<string | number | boolean>): JsonSchema => {
  const types = new Set(values.map((value) => typeof value))
  const [type] = types
  return types.size === 1 && type !== undefined ? { type, enum: values } : { enum: values }
}
