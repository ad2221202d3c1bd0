import { describe, expect, it } from "@effect/vitest"
import { typeText } from "../../src/internal/generate/types.ts"

const typeOf = (schema: unknown): string =>
  typeText(schema, (ref) => (ref === "#/components/schemas/Pet" ? "Pet" : undefined)).replaceAll(/\s+/g, " ")

const pet = { $ref: "#/components/schemas/Pet" }
const text = { type: "string" }
const integer = { type: "integer" }

const cases: ReadonlyArray<readonly [what: string, schema: unknown, type: string]> = [
  ["nothing said", {}, "unknown"],
  ["no schema", undefined, "unknown"],
  ["the schema of everything", true, "unknown"],
  ["the schema of nothing", false, "never"],
  ["a description alone", { description: "Anything." }, "unknown"],
  ["text, whatever its pattern", { type: "string", pattern: "^a", format: "email" }, "string"],
  ["numbers", { type: ["integer", "number"] }, "number"],
  ["a type or null", { type: ["string", "null"] }, "string | null"],
  ["nullable, as 3.0 says it", { type: "string", nullable: true }, "string | null"],
  ["a constant", { const: "Bearer" }, '"Bearer"'],
  ["a constant that is an object", { const: { a: [1, null] } }, "{ readonly a: readonly [1, null] }"],
  ["an enum", { type: "string", enum: ["a", 'b"', null] }, '"a" | "b\\"" | null'],
  ["a reference", pet, "Pet"],
  ["a reference to nowhere", { $ref: "#/components/schemas/Nobody" }, "unknown"],
  ["anyOf", { anyOf: [text, pet, text] }, "string | Pet"],
  ["oneOf with one that admits everything", { oneOf: [text, {}] }, "unknown"],
  [
    "allOf",
    { allOf: [pet, { type: "object", required: ["id"], properties: { id: text } }] },
    "Pet & { readonly id: string }"
  ],
  ["allOf that only refines", { type: "integer", allOf: [{ minimum: 1 }] }, "number"],
  [
    "a choice beside properties",
    { properties: { a: text }, oneOf: [pet, { type: "null" }] },
    "{ readonly a?: string } & (Pet | null)"
  ],
  ["a list", { type: "array", items: { anyOf: [text, integer] } }, "ReadonlyArray<string | number>"],
  ["a list of anything", { type: "array" }, "ReadonlyArray<unknown>"],
  ["a tuple", { type: "array", prefixItems: [text, integer], minItems: 2, items: false }, "readonly [string, number]"],
  [
    "a tuple with an optional end and more behind it",
    { type: "array", prefixItems: [text, integer], minItems: 1, items: pet },
    "readonly [string, (number)?, ...ReadonlyArray<Pet>]"
  ],
  ["a record", { type: "object", additionalProperties: integer }, "{ readonly [key: string]: number }"],
  ["an object of which nothing is said", { type: "object" }, "{ readonly [key: string]: unknown }"],
  ["an empty object", { type: "object", additionalProperties: false }, "{ readonly [key: string]: never }"],
  ["a record by pattern", { type: "object", patternProperties: { "^x-": text } }, "{ readonly [key: string]: string }"],
  [
    "properties, required and not",
    { type: "object", required: ["a", "unsaid"], properties: { a: text, "b-c": integer }, additionalProperties: false },
    '{ readonly a: string readonly "b-c"?: number readonly unsaid: unknown }'
  ],
  [
    "properties and others",
    { type: "object", properties: { a: text }, additionalProperties: integer },
    "{ readonly a?: string readonly [key: string]: number | string | undefined }"
  ],
  ["a schema without its type", { required: ["a"], properties: { a: text } }, "{ readonly a: string }"]
]

describe("the type of a JSON Schema", () => {
  it.each(cases)("%s", (_, schema, type) => {
    expect(typeOf(schema)).toBe(type)
  })

  it("carries descriptions over, and none of them can end its comment", () => {
    const schema = { type: "object", properties: { a: { ...text, description: "one\r\n*/ two" } } }
    expect(typeText(schema, () => undefined)).toBe("{\n  /**\n   * one\n   * *\\/ two\n   */\n  readonly a?: string\n}")
  })
})
