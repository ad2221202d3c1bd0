import { assert, describe, it } from "@effect/vitest"
import type { JsonSchema } from "@portico/schema"
import { issuesOf } from "../../src/internal/schema/validate.ts"

const told = (schema: JsonSchema, value: unknown): ReadonlyArray<string> =>
  issuesOf(schema, value).map(({ message, path }) => `${path.join(".")} ${message}`.trim())

const change = (op: string, rest: JsonSchema): JsonSchema => ({
  type: "object",
  properties: { op: { type: "string", enum: [op] }, ...rest },
  required: ["op", ...Object.keys(rest)],
  additionalProperties: false
})

const ops: JsonSchema = {
  type: "array",
  items: { anyOf: [change("update", { node: { type: "string" } }), change("move", { to: { type: "string" } })] }
}

const perms: JsonSchema = {
  anyOf: [
    { type: "integer", minimum: 0, maximum: 15 },
    { type: "array", items: { type: "string", enum: ["READ", "EDIT"] } }
  ]
}

describe("what is wrong with a value", () => {
  it("is said with what would be right", () => {
    const schema = {
      type: "object",
      properties: {
        onConflict: { type: "string", enum: ["fail", "skip"] },
        limit: { type: "integer", minimum: 1, maximum: 1000 },
        of: { type: ["string", "number", "boolean"] },
        name: { type: "string", minLength: 1, maxLength: 3, pattern: "^[a-z]+$" },
        list: { type: "array", maxItems: 1 },
        some: { type: "object", minProperties: 1 },
        one: { const: 1 }
      },
      required: ["limit"],
      additionalProperties: false
    }
    const cases: ReadonlyArray<readonly [value: unknown, message: string]> = [
      [{ limit: 1, onConflict: "Skip" }, "onConflict has to be one of fail, skip"],
      [{}, "limit is required"],
      [{ limit: 0 }, "limit has to be at least 1"],
      [{ limit: 1001 }, "limit has to be at most 1000"],
      [{ limit: 1.5 }, "limit has to be an integer"],
      [{ limit: 1, of: null }, "of has to be a string, a number or true or false"],
      [{ limit: 1, nam: "x" }, "nam is not known here; did you mean name?"],
      [{ limit: 1, zzzzzzzz: "x" }, "zzzzzzzz is not known here: onConflict, limit, of, name, list, some, one are"],
      [
        JSON.parse('{ "limit": 1, "__proto__": 1 }'),
        "__proto__ is not known here: onConflict, limit, of, name, list, some, one are"
      ],
      [{ limit: 1, name: "" }, "name has to have at least 1 character"],
      [{ limit: 1, name: "A" }, "name has to match ^[a-z]+$"],
      [{ limit: 1, name: "long" }, "name has to have at most 3 characters"],
      [{ limit: 1, list: [1, 2] }, "list has to have at most 1 item"],
      [{ limit: 1, some: {} }, "some has to have at least 1 key"],
      [{ limit: 1, one: 2 }, "one has to be 1"],
      ["text", "has to be an object"]
    ]
    for (const [value, message] of cases) assert.include(told(schema, value), message)
  })

  it("is, where there are several forms, only what is wrong by the one that was meant", () => {
    const wrong = [
      { op: "update", nod: "/a" },
      { op: "move", to: 1 },
      { op: "grant", node: "/a" },
      { node: "/a" },
      null,
      { op: "move", to: "/a" }
    ]
    assert.deepStrictEqual(told(ops, wrong), [
      "0.node is required",
      "0.nod is not known here; did you mean node?",
      "1.to has to be a string",
      "2.op has to be one of update, move",
      "3.op is required",
      "4 has to be an object"
    ])
    assert.deepStrictEqual(told(perms, "READ"), ["has to be an integer or an array of READ or EDIT"])
    assert.deepStrictEqual(told(perms, 16), ["has to be at most 15"])
    assert.deepStrictEqual(told(perms, 1.5), ["has to be an integer or an array of READ or EDIT"])
    assert.deepStrictEqual(told(perms, ["read"]), ["0 has to be one of READ, EDIT"])
    assert.deepStrictEqual(told({ anyOf: [{ type: "string", maxLength: 1 }, { type: "null" }] }, "ab"), [
      "has to have at most 1 character"
    ])
    assert.deepStrictEqual(told({ oneOf: [{ type: "string" }, { type: "string" }] }, "a"), [
      "fits more than one of its forms"
    ])
  })

  it("is found in forms that refer to others, within each other too", () => {
    const tree = {
      anyOf: [{ type: "string" }, { $ref: "#/$defs/Branch" }],
      $defs: {
        Branch: {
          type: "object",
          properties: { all: { type: "array", items: { anyOf: [{ type: "string" }, { $ref: "#/$defs/Branch" }] } } },
          required: ["all"],
          additionalProperties: false
        }
      }
    }
    assert.deepStrictEqual(told(tree, { all: ["a", { all: [1] }] }), ["all.1.all.0 has to be a string or an object"])
    assert.deepStrictEqual(told(tree, { all: [{}] }), ["all.0.all is required"])
  })

  it("is said of the first hundred, in time that grows with the value and no more", () => {
    const wrong = Array.from({ length: 20_000 }, () => ({ op: "update", nod: 1 }))
    assert.lengthOf(told(ops, wrong), 100)
  })
})
