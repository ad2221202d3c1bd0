import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { canonicalJson, type Json, type JsonSchema } from "../src/index.ts"
import { canonicalSchema } from "../src/internal/json/canonicalSchema.ts"
import { checkJsonSchema } from "../src/internal/json/checkJsonSchema.ts"

const leaf = Arbitrary.schema(
  Schema.Literals(["string", "number", "null", "boolean", "nothing", "anything", "ab", "a", "documented"])
).pipe(
  Arbitrary.map((name): JsonSchema => {
    switch (name) {
      case "nothing":
        return { not: {} }
      case "anything":
        return {}
      case "ab":
        return { type: "string", enum: ["b", "a"] }
      case "a":
        return { const: "a" }
      case "documented":
        return { type: "string", title: "T", description: "D" }
      default:
        return { type: name }
    }
  })
)
const combine = (part: Arbitrary.Arbitrary<JsonSchema>): Arbitrary.Arbitrary<JsonSchema> =>
  Arbitrary.all({
    kind: Arbitrary.schema(Schema.Literals(["anyOf", "oneOf", "allOf", "prefixItems", "items", "object", "leaf"])),
    a: part,
    b: part
  }).pipe(
    Arbitrary.map(({ a, b, kind }): JsonSchema => {
      if (kind === "leaf") return a
      if (kind === "items") return { type: "array", items: a }
      if (kind === "object") {
        return { type: "object", properties: { b, a, title: a }, required: ["b", "a"], additionalProperties: false }
      }
      return { [kind]: [b, a] }
    })
  )
const schemas = combine(combine(combine(leaf)))

/** What a naive validator thinks of a value. Knows the keywords that the schemas above have. */
const accepts = (schema: Json, value: Json): boolean => {
  if (schema === false) return false
  const s = Object(schema)
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value
  const has = (key: string) => s[key] !== undefined
  const list = (key: string): ReadonlyArray<Json> => s[key]
  if (has("type") && ![s.type].flat().includes(type)) return false
  if (has("enum") && !list("enum").includes(value)) return false
  if (has("const") && s.const !== value) return false
  if (has("not") && accepts(s.not, value)) return false
  if (has("anyOf") && !list("anyOf").some((one) => accepts(one, value))) return false
  if (has("allOf") && !list("allOf").every((one) => accepts(one, value))) return false
  if (has("oneOf") && list("oneOf").filter((one) => accepts(one, value)).length !== 1) return false
  if (Array.isArray(value)) {
    const prefix = has("prefixItems") ? list("prefixItems") : []
    if (!value.every((item, i) => accepts(prefix[i] ?? (has("items") ? s.items : {}), item))) return false
  } else if (type === "object") {
    const record = Object(value)
    if (has("required") && !list("required").every((key) => Object.hasOwn(record, String(key)))) return false
    for (const key of Object.keys(record)) {
      const declared =
        has("properties") && Object.hasOwn(s.properties, key) ? s.properties[key] : s.additionalProperties
      if (declared !== undefined && !accepts(declared, record[key])) return false
    }
  }
  return true
}

const values: ReadonlyArray<Json> = [
  null,
  true,
  1,
  "a",
  "b",
  "c",
  [],
  ["a"],
  ["a", 1],
  [1, "a"],
  [null],
  [[]],
  {},
  { a: "a" }
]
const samples = [...values, ...values.map((a) => ({ a, b: a, title: a })), ...values.map((a) => ({ a, b: "a" }))]

describe("canonicalSchema", () => {
  it.prop("accepts what the schema accepts", [schemas], ([schema]) => {
    const canonical = canonicalSchema(schema)
    for (const sample of samples) {
      expect(accepts(canonical, sample), `${JSON.stringify(canonical)} on ${JSON.stringify(sample)}`).toBe(
        accepts(schema, sample)
      )
    }
  })

  it.prop(
    "is its own canonical form",
    [schemas],
    ([schema]) => {
      const canonical = canonicalSchema(schema)
      expect(canonicalJson(canonicalSchema(Object(canonical)))).toBe(canonicalJson(canonical))
    },
    { arbitrary: { runs: 1_000 } }
  )

  it.prop("is the same after a schema was read from outside", [schemas], ([schema]) => {
    expect(canonicalJson(canonicalSchema(checkJsonSchema(JSON.parse(JSON.stringify(schema)))))).toBe(
      canonicalJson(canonicalSchema(schema))
    )
  })
})
