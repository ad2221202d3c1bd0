import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { defineSchema, type Field, fn, nodeClass, SchemaDefinitionError } from "../src/index.ts"
import { optionalText, standard, text } from "./fixtures/standard.ts"

const prop = (field: Field) => {
  const schema = defineSchema("fields.example.dev", { classes: { Thing: nodeClass({ props: { field } }) } })
  const found = schema.contract.classes.Thing?.props.field
  if (found === undefined) throw new Error("there is no such property")
  const { key: _key, ...rest } = found
  return rest
}

const recursive = () => {
  interface Tree {
    readonly kids: ReadonlyArray<Tree>
    readonly name: string
  }
  const tree: Schema.Codec<Tree> = Schema.Struct({
    name: Schema.String,
    kids: Schema.Array(Schema.suspend(() => tree))
  })
  return tree
}

describe("the JSON form of an Effect Schema", () => {
  const forms: ReadonlyArray<readonly [string, Field, unknown]> = [
    ["String", Schema.String, { type: "string" }],
    ["Number", Schema.Number, { type: "number" }],
    ["Finite", Schema.Finite, { type: "number" }],
    ["Boolean", Schema.Boolean, { type: "boolean" }],
    ["Null", Schema.Null, { type: "null" }],
    ["Unknown", Schema.Unknown, {}],
    ["Json", Schema.Json, {}],
    ["BigInt", Schema.BigInt, { type: "string", pattern: "^-?[0-9]+$" }],
    ["a date", Schema.Date, { type: "string", format: "date-time" }],
    ["a point in time", Schema.DateTimeUtc, { type: "string", format: "date-time" }],
    ["a URL", Schema.URL, { type: "string", format: "uri" }],
    ["bytes", Schema.Uint8Array, { type: "string", contentEncoding: "base64" }],
    ["Int", Schema.Int, { type: "integer", minimum: -(2 ** 53) + 1, maximum: 2 ** 53 - 1 }],
    [
      "a range, also of a Number that might be NaN",
      Schema.Number.check(Schema.isBetween({ minimum: 0, maximum: 15 })),
      { type: "number", minimum: 0, maximum: 15 }
    ],
    [
      "several bounds, of which the tighter holds",
      Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).check(Schema.isGreaterThanOrEqualTo(3)),
      { type: "integer", minimum: 3, maximum: 2 ** 53 - 1 }
    ],
    [
      "lengths exactly as written",
      Schema.String.check(Schema.isMinLength(2)).check(Schema.isMaxLength(5)),
      { type: "string", minLength: 2, maxLength: 5 }
    ],
    ["a pattern without flags", Schema.String.check(Schema.isPattern(/^a+$/)), { type: "string", pattern: "^a+$" }],
    ["a pattern with u", Schema.String.check(Schema.isPattern(/^\p{L}$/u)), { type: "string", pattern: "^\\p{L}$" }],
    [
      "two patterns",
      Schema.String.check(Schema.isPattern(/^a/)).check(Schema.isPattern(/^.b/)),
      { type: "string", pattern: "^a", allOf: [{ pattern: "^.b" }] }
    ],
    [
      "a UUID",
      Schema.String.check(Schema.isUUID()),
      {
        type: "string",
        format: "uuid",
        pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
      }
    ],
    ["a literal", Schema.Literal("a"), { type: "string", enum: ["a"] }],
    ["literals in their order", Schema.Literals(["low", "high"]), { type: "string", enum: ["low", "high"] }],
    ["literals of several types", Schema.Literals([1, "a", true]), { enum: [1, "a", true] }],
    ["a template", Schema.TemplateLiteral(["a-", Schema.String]), { type: "string", pattern: "^a-[\\s\\S]*?$" }],
    ["NullOr", Schema.NullOr(Schema.String), { anyOf: [{ type: "string" }, { type: "null" }] }],
    [
      "a union with literals",
      Schema.Union([Schema.Literal("x"), Schema.Int, Schema.Literal("y")]),
      {
        anyOf: [
          { type: "string", enum: ["x", "y"] },
          { type: "integer", minimum: -(2 ** 53) + 1, maximum: 2 ** 53 - 1 }
        ]
      }
    ],
    ["an array", Schema.Array(Schema.String), { type: "array", items: { type: "string" } }],
    [
      "a bounded array",
      Schema.Array(Schema.String).check(Schema.isMinLength(1)),
      { type: "array", items: { type: "string" }, minItems: 1 }
    ],
    [
      "a tuple",
      Schema.Tuple([Schema.String, Schema.optionalKey(Schema.Boolean)]),
      { type: "array", prefixItems: [{ type: "string" }, { type: "boolean" }], minItems: 1, maxItems: 2 }
    ],
    [
      "a struct, closed",
      Schema.Struct({ a: Schema.String, b: Schema.optionalKey(Schema.Boolean) }),
      {
        type: "object",
        properties: { a: { type: "string" }, b: { type: "boolean" } },
        required: ["a"],
        additionalProperties: false
      }
    ],
    [
      "a record",
      Schema.Record(Schema.String, Schema.Boolean),
      { type: "object", additionalProperties: { type: "boolean" } }
    ],
    [
      "what is annotated for people",
      Schema.String.annotate({ title: "T", description: "D", examples: ["e"] }),
      { type: "string", title: "T", description: "D", examples: ["e"] }
    ],
    [
      "what is annotated after a check",
      Schema.NonEmptyString.annotate({ description: "D" }),
      { type: "string", minLength: 1, description: "D" }
    ],
    ["the encoded side of a transformation", Schema.FiniteFromString, { type: "string" }],
    ["a branded string", Schema.String.pipe(Schema.brand("Email")), { type: "string" }],
    [
      "a schema that contains itself",
      recursive(),
      {
        $ref: "#/$defs/T1",
        $defs: {
          T1: {
            type: "object",
            properties: { name: { type: "string" }, kids: { type: "array", items: { $ref: "#/$defs/T1" } } },
            required: ["name", "kids"],
            additionalProperties: false
          }
        }
      }
    ],
    [
      "a named schema, inlined",
      Schema.Array(Schema.String.annotate({ identifier: "Email" })),
      { type: "array", items: { type: "string" } }
    ]
  ]

  it.each(forms)("of %s", (_what, field, schema) => {
    expect(prop(field)).toEqual({ schema, required: true })
  })

  it("of an option is that of what may be there", () => {
    const string = { schema: { type: "string" }, required: false }
    expect(prop(Schema.optional(Schema.String))).toEqual(string)
    expect(prop(Schema.optionalKey(Schema.String))).toEqual(string)
    expect(prop(Schema.optional(Schema.NullOr(Schema.String)))).toEqual({
      schema: { anyOf: [{ type: "string" }, { type: "null" }] },
      required: false
    })
  })

  it("has a default, annotated or decoded", () => {
    const withDefault = { schema: { type: "string" }, required: false, default: "x" }
    expect(prop(Schema.String.annotate({ default: "x" }))).toEqual(withDefault)
    expect(prop(Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("x"))))).toEqual(withDefault)
    expect(prop(Schema.optional(Schema.String).annotate({ default: "x" }))).toEqual(withDefault)
  })

  it("of a class is that of its fields", () => {
    class Address extends Schema.Class<Address>("Address")({ street: Schema.String }) {}
    expect(prop(Address).schema).toMatchObject({ type: "object", properties: { street: { type: "string" } } })
  })
})

describe("the JSON form of another library's schema", () => {
  it("is what it yields, without what is for machines only", () => {
    expect(prop(text)).toEqual({ schema: { type: "string", title: "Text" }, required: true })
    expect(prop(optionalText)).toEqual({ schema: { type: "string" }, required: false, default: "none" })
  })

  const yielding = (json: Record<string, unknown>) => standard({ json, validate: (value) => ({ value }) })
  const optional = { required: false }

  it("has its definitions inlined, and named only where they contain themselves", () => {
    const json = {
      type: "object",
      properties: { a: { $ref: "#/$defs/Name" }, b: { $ref: "#/definitions/Old%20one" }, self: { $ref: "#" } },
      $defs: { Name: { type: "string", minLength: 1 } },
      definitions: { "Old one": { type: "boolean" } }
    }
    expect(prop(yielding(json))).toEqual({
      ...optional,
      schema: {
        $ref: "#/$defs/T1",
        $defs: {
          T1: {
            type: "object",
            properties: {
              a: { type: "string", minLength: 1 },
              b: { type: "boolean" },
              self: { $ref: "#/$defs/T1" }
            }
          }
        }
      }
    })
  })

  it.each([
    ["a keyword it does not know", { type: "string", $dynamicRef: "#x" }, "$dynamicRef"],
    ["a keyword of an older draft", { nullable: true }, "nullable"],
    ["a reference to elsewhere", { $ref: "https://example.com/schema" }, "refers to nothing here"],
    ["a reference to nothing", { $ref: "#/$defs/Missing" }, "refers to nothing here"],
    ["a reference up the prototype", { $ref: "#/constructor" }, "refers to nothing here"],
    ["a catastrophic pattern", { type: "string", pattern: "^(a+)+$" }, "more than linear time"],
    ["a catastrophic pattern of keys", { patternProperties: { "^(a|a)*$": {} } }, "more than linear time"],
    ["an unknown type", { type: "date" }, "a type of JSON"],
    ["a bound that is no number", { minimum: "1" }, "a number"],
    ["items compared in quadratic time", { type: "array", uniqueItems: true }, "uniqueItems"],
    ["a lone surrogate", { enum: ["\ud800"] }, "JSON values"]
  ])("refuses %s", (_what, json, why) => {
    expect(() => prop(yielding(json))).toThrow(why)
    expect(() => prop(yielding(json))).toThrow("Thing.field")
  })

  it("refuses definitions that multiply", () => {
    const $defs: Record<string, unknown> = { D0: { type: "string" } }
    for (let i = 1; i < 40; i++) {
      $defs[`D${i}`] = { anyOf: [{ $ref: `#/$defs/D${i - 1}` }, { $ref: `#/$defs/D${i - 1}` }] }
    }
    expect(() => prop(yielding({ $ref: "#/$defs/D39", $defs }))).toThrow(/more than 10000 schemas|nested at most/)
  })

  it("refuses what yields no JSON Schema, naming the property and the library", () => {
    const without: unknown = { "~standard": { version: 1, vendor: "mute", validate: () => ({ value: 1 }) } }
    // What an author without types would pass.
    expect(() => prop(without as Field)).toThrow("Thing.field: this schema of mute yields no JSON Schema")
    const failing = standard({
      json: () => {
        throw new Error("Date cannot be represented")
      },
      validate: (value) => ({ value })
    })
    expect(() => prop(failing)).toThrow("Thing.field: JSON Schema cannot carry it (Date cannot be represented)")
    expect(() => prop(4 as never)).toThrow("Thing.field: an Effect Schema or a Standard Schema is wanted")
  })
})

describe("what JSON Schema cannot carry", () => {
  const odd: ReadonlyArray<readonly [string, Field, string]> = [
    ["a symbol", Schema.Symbol, "Thing.field: JSON cannot carry a symbol"],
    ["an instance of a class", Schema.instanceOf(Map), "Thing.field: JSON cannot carry a value of a class"],
    [
      "a check of one's own",
      Schema.String.check(Schema.makeFilter((value: string) => value.length % 2 === 0)),
      "Thing.field: JSON Schema cannot carry this check"
    ],
    [
      "a check deep inside",
      Schema.Struct({ list: Schema.Array(Schema.String.check(Schema.makeFilter(() => true))) }),
      "Thing.field.list[…]: JSON Schema cannot carry this check"
    ],
    ["a pattern with flags", Schema.String.check(Schema.isPattern(/^a$/i)), "Thing.field: JSON Schema cannot carry"],
    ["a catastrophic pattern", Schema.String.check(Schema.isPattern(/^(a+)+$/)), "Thing.field: pattern: the pattern"],
    [
      "a check on a date",
      Schema.Date.check(Schema.isGreaterThanDate(new Date(0))),
      "Thing.field: JSON Schema cannot carry this check"
    ]
  ]

  it.each(odd)("is refused with the property's name: %s", (_what, field, message) => {
    expect(() => prop(field)).toThrow(SchemaDefinitionError)
    expect(() => prop(field)).toThrow(message)
  })

  it("is refused in params and results too", () => {
    const method = (options: Parameters<typeof fn>[0]) => () =>
      defineSchema("fields.example.dev", { classes: { Thing: nodeClass({ methods: { go: fn(options) } }) } })
    expect(method({ params: { x: Schema.Symbol } })).toThrow("Thing.go(x): JSON cannot carry a symbol")
    expect(method({ returns: Schema.Symbol })).toThrow("Thing.go returns: JSON cannot carry a symbol")
  })

  it("carries a check that says how", () => {
    const even = Schema.Int.check(
      Schema.makeFilter((value: number) => value % 2 === 0, { toJsonSchema: () => ({ multipleOf: 2 }) })
    )
    expect(prop(even).schema).toMatchObject({ type: "integer", multipleOf: 2 })
  })
})
