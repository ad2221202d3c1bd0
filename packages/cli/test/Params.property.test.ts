import { assert, describe, it } from "@effect/vitest"
import type { Json, JsonObject } from "@portico/schema"
import { Arbitrary, Result, Schema } from "effect"
import { formatAssignments, type JsonSchema, parseAssignments } from "../src/Params.ts"

/** A value together with the narrowest schema of it: what a contract would say. */
interface Typed {
  readonly value: Json
  readonly schema: JsonSchema
}

const scalar: Arbitrary.Arbitrary<Typed> = Arbitrary.map(
  Arbitrary.schema(Schema.Union([Schema.String, Schema.Boolean, Schema.Int, Schema.Finite, Schema.Null])),
  (value): Typed => ({ value, schema: { type: typeOf(value) } })
)

const typeOf = (value: string | boolean | number | null): string => {
  if (value === null) return "null"
  if (typeof value === "number") return Number.isSafeInteger(value) ? "integer" : "number"
  return typeof value
}

const list: Arbitrary.Arbitrary<Typed> = Arbitrary.map(
  Arbitrary.schema(Schema.Union([Schema.Array(Schema.String), Schema.Array(Schema.Int)])),
  (value): Typed => ({
    value,
    schema: { type: "array", items: { type: value.some((item) => typeof item === "string") ? "string" : "integer" } }
  })
)

const record = (inner: Arbitrary.Arbitrary<Typed>): Arbitrary.Arbitrary<Typed> =>
  Arbitrary.map(
    Arbitrary.array(Arbitrary.all([Arbitrary.schema(Schema.String), inner] as const), { maxLength: 4 }),
    (entries): Typed => ({
      value: Object.fromEntries(entries.map(([key, typed]) => [key, typed.value])),
      schema: {
        type: "object",
        properties: Object.fromEntries(entries.map(([key, typed]) => [key, typed.schema])),
        additionalProperties: false
      }
    })
  )

const leafOrList = Arbitrary.flatMap(Arbitrary.schema(Schema.Boolean), (first) => (first ? scalar : list))
const leafOrRecord = Arbitrary.flatMap(Arbitrary.schema(Schema.Boolean), (first) =>
  first ? leafOrList : record(leafOrList)
)
const params = record(leafOrRecord)

// -0 is 0 in JSON.
const asJson = (value: Json): unknown => JSON.parse(JSON.stringify(value))

describe("KEY=VALUE words, for any params and the contract that describes them", () => {
  it.prop("read back what was written", { typed: params }, ({ typed }) => {
    const value = typed.value as JsonObject
    const words = formatAssignments(value, typed.schema)
    const read = Result.getOrThrowWith(parseAssignments(words, typed.schema), (problem) => new Error(problem.message))
    assert.deepStrictEqual(asJson(read), asJson(value))
  })

  it.prop("read back what was written without any contract", { typed: params }, ({ typed }) => {
    const value = typed.value as JsonObject
    const read = Result.getOrThrowWith(
      parseAssignments(formatAssignments(value, true), true),
      (problem) => new Error(problem.message)
    )
    assert.deepStrictEqual(asJson(read), asJson(value))
  })

  it.prop(
    "never throw, whatever was typed",
    { words: Schema.Array(Schema.String), typed: params },
    ({ words, typed }) => {
      assert.isTrue(Result.isResult(parseAssignments(words, typed.schema)))
      assert.isTrue(Result.isResult(parseAssignments(words, true)))
    }
  )
})
