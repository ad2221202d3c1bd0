import { describe, expect, it } from "@effect/vitest"
import type { Json, JsonSchema } from "@portico/schema"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { accepts } from "../../src/internal/install/accepts.ts"
import { issuesOf } from "../../src/internal/schema/validate.ts"

const text = { type: "string" }
const object = (properties: JsonSchema, required: ReadonlyArray<string> = [], closed = true): JsonSchema => ({
  type: "object",
  properties,
  required,
  ...(closed ? { additionalProperties: false } : {})
})

describe("accepts", () => {
  const yes: ReadonlyArray<readonly [wide: JsonSchema, narrow: JsonSchema]> = [
    [{}, text],
    [text, text],
    [
      { ...text, description: "a" },
      { ...text, description: "b" }
    ],
    [{ type: "number" }, { type: "integer" }],
    [{ enum: ["a", "b", "c"] }, { enum: ["a", "c"] }],
    [text, { type: "string", enum: ["a"] }],
    [{ anyOf: [text, { type: "null" }] }, text],
    [
      { ...text, maxLength: 9 },
      { ...text, maxLength: 5 }
    ],
    [text, { ...text, pattern: "^a$" }],
    [object({ a: text, b: text }), object({ a: text })],
    [object({ a: text }), object({ a: text }, ["a"])],
    [
      { type: "array", items: { type: "number" } },
      { type: "array", items: { type: "integer" } }
    ]
  ]
  const no: ReadonlyArray<readonly [wide: JsonSchema, narrow: JsonSchema]> = [
    [text, {}],
    [{ type: "integer" }, { type: "number" }],
    [{ enum: ["a"] }, { enum: ["a", "b"] }],
    [text, { anyOf: [text, { type: "null" }] }],
    [
      { ...text, maxLength: 5 },
      { ...text, maxLength: 9 }
    ],
    [{ ...text, pattern: "^a$" }, text],
    [object({ a: text }), object({ a: text, b: text })],
    [object({ a: text }, ["a"]), object({ a: text })],
    [object({ a: { type: "integer" } }), object({ a: text })],
    [object({ a: text }), object({ a: text }, [], false)],
    [object({ a: text, b: text }, [], false), object({ a: text }, [], false)],
    [text, { type: "integer", enum: [1] }]
  ]
  for (const [wide, narrow] of yes) {
    it(`says that ${JSON.stringify(wide)} takes what ${JSON.stringify(narrow)} takes`, () => {
      expect(accepts(wide, narrow)).toBe(true)
    })
  }
  for (const [wide, narrow] of no) {
    it(`does not say that ${JSON.stringify(wide)} takes what ${JSON.stringify(narrow)} takes`, () => {
      expect(accepts(wide, narrow)).toBe(false)
    })
  }

  const leaf = Schema.Literals(["string", "integer", "number", "null", "boolean"])
  const bound = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
  const recipe = Schema.Struct({
    kind: Schema.Literals(["leaf", "enum", "object", "array", "anyOf", "bounded", "any"]),
    leaves: Schema.Array(leaf).check(Schema.isMinLength(1), Schema.isMaxLength(3)),
    values: Schema.Array(Schema.Literals(["a", "b", 1, 2])).check(Schema.isMinLength(1), Schema.isMaxLength(3)),
    least: bound,
    most: bound,
    required: Schema.Boolean,
    closed: Schema.Boolean
  })
  const schemas = Arbitrary.schema(recipe).pipe(
    Arbitrary.map(({ kind, leaves, values, least, most, required, closed }): JsonSchema => {
      const [first = "string", second = first] = leaves
      switch (kind) {
        case "leaf":
          return { type: first }
        case "enum":
          return { enum: [...new Set<Json>(values), null] }
        case "object":
          return object(
            { a: { type: first }, ...(leaves.length > 1 ? { b: { type: second } } : {}) },
            required ? ["a"] : [],
            closed
          )
        case "array":
          return { type: "array", items: { type: first }, minItems: least }
        case "anyOf":
          return { anyOf: leaves.map((type) => ({ type })) }
        case "bounded":
          return { type: "integer", minimum: least, maximum: most }
        default:
          return {}
      }
    })
  )
  const scalars: ReadonlyArray<Json> = ["a", "b", "", 0, 1, 2, 3, 1.5, null, true]
  const samples: ReadonlyArray<Json> = [
    ...scalars,
    ...scalars.map((a) => [a]),
    [],
    [1, 2],
    {},
    ...scalars.map((a) => ({ a })),
    ...scalars.flatMap((a) => scalars.map((b) => ({ a, b }))),
    { c: 1 }
  ]

  it.prop(
    "never says so of a pair that some value tells apart",
    [schemas, schemas],
    ([wide, narrow]) => {
      if (!accepts(wide, narrow)) return
      for (const value of samples) {
        if (issuesOf(narrow, value).length === 0) expect([value, issuesOf(wide, value)]).toEqual([value, []])
      }
    },
    { arbitrary: { runs: 3000 } }
  )
})
