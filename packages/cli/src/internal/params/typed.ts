/**
 * Gives the text of a word the type that the contract asks for.
 */

import type { Json } from "@portico/schema"
import * as Result from "effect/Result"
import type { JsonSchema } from "../../Params.ts"
import { type Alternative, allowedValues, alternatives, itemSchema } from "./jsonSchema.ts"
import { parseJson, type Written } from "./words.ts"

// The strictest reading first: `5` is a number where a number or a string may stand.
const strictness: ReadonlyArray<Alternative["type"]> = [
  "null",
  "boolean",
  "integer",
  "number",
  "array",
  "object",
  "string",
  "any"
]

// RFC 8259, section 6
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const readNumber = (text: string): number | undefined => {
  const number = jsonNumber.test(text) ? Number(text) : undefined
  return number !== undefined && Number.isFinite(number) ? number : undefined
}

const readScalar = (type: Alternative["type"], text: string): Json | undefined => {
  switch (type) {
    case "null":
      return text === "null" ? null : undefined
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined
    case "integer": {
      const number = readNumber(text)
      return Number.isSafeInteger(number) ? number : undefined
    }
    case "number":
      return readNumber(text)
    default:
      return text
  }
}

const readJson = (text: string, kind: "array" | "object"): Json | undefined => {
  const json = text.startsWith(kind === "array" ? "[" : "{") ? parseJson(text) : undefined
  return json
}

const readOne = (root: JsonSchema, alternative: Alternative, written: Written): Json | undefined => {
  if (written._tag === "Json") return written.json
  switch (alternative.type) {
    case "object":
      return readJson(written.text, "object")
    case "array":
      return readJson(written.text, "array") ?? readItems(root, alternative, [written])
    case "any": {
      const allowed = allowedValues(alternative)
      // What a contract lists is JSON.
      return allowed === undefined
        ? written.text
        : (allowed.find((value) => String(value) === written.text) as Json | undefined)
    }
    default: {
      const value = readScalar(alternative.type, written.text)
      return isAllowed(alternative, value) ? value : undefined
    }
  }
}

const isAllowed = (alternative: Alternative, value: Json | undefined): boolean => {
  const allowed = allowedValues(alternative)
  return allowed === undefined || allowed.includes(value)
}

const readItems = (root: JsonSchema, alternative: Alternative, items: ReadonlyArray<Written>): Json | undefined => {
  const read: Array<Json> = []
  for (const [index, item] of items.entries()) {
    const value = typed(root, itemSchema(alternative, index), [item])
    if (Result.isFailure(value)) return undefined
    read.push(value.success)
  }
  return read
}

/** Reads what was written for one key; the failure is what the contract expects there. */
export const typed = (
  root: JsonSchema,
  schema: JsonSchema,
  written: ReadonlyArray<Written>
): Result.Result<Json, string> => {
  const ways = alternatives(root, schema).toSorted((a, b) => strictness.indexOf(a.type) - strictness.indexOf(b.type))
  const [only, ...more] = written
  for (const way of ways) {
    if (only === undefined) break
    const many = way.type === "array" ? readItems(root, way, written) : undefined
    const value = more.length > 0 ? many : readOne(root, way, only)
    if (value !== undefined) return Result.succeed(value)
  }
  return Result.fail(more.length > 0 && !ways.some((way) => way.type === "array") ? "one value" : expected(ways))
}

const noun: Readonly<Record<Alternative["type"], string>> = {
  null: "null",
  boolean: "true or false",
  integer: "a whole number",
  number: "a number",
  array: "a list",
  object: "an object",
  string: "text",
  any: "any value"
}

const expected = (ways: ReadonlyArray<Alternative>): string => {
  const names = ways.map((way) => {
    const allowed = allowedValues(way)
    return allowed === undefined ? noun[way.type] : allowed.map((value) => JSON.stringify(value)).join(" or ")
  })
  return names.length === 0 ? "nothing" : [...new Set(names)].join(" or ")
}
