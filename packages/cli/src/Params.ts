/**
 * `KEY=VALUE` words, typed by a callable's contract.
 *
 * | word | gives |
 * |---|---|
 * | `email=ada@x.org` | a string, number, boolean or null, as the contract says |
 * | `tags=a tags=b` | an array; `tags=a` alone is an array of one |
 * | `tags=["a","b"]` | an array or object written as JSON |
 * | `address.city=Bern` | a nested object |
 * | `props."a.b"=1` | a key that holds a dot |
 * | `age:=41` | JSON whatever the contract says |
 *
 * Where the contract says nothing about a value it stays a string.
 */

import type { JsonObject } from "@portico/schema"
import * as Result from "effect/Result"
import { formatWord } from "./internal/params/format.ts"
import { collect, toJson } from "./internal/params/tree.ts"
import { parseWord } from "./internal/params/words.ts"

/** JSON Schema 2020-12: what a contract carries, and the booleans that may stand inside one. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown }

/** Why the words do not fit: one sentence that names the parameter. */
export interface ParamsProblem {
  readonly message: string
}

/**
 * Reads `KEY=VALUE` words into the params that `schema` describes.
 *
 * @example
 * ```ts
 * import { parseAssignments } from "./Params.ts"
 * import * as Result from "effect/Result"
 *
 * const schema = { type: "object", properties: { email: { type: "string" }, age: { type: "integer" } } }
 * const params = parseAssignments(["email=ada@x.org", "age=36"], schema)
 * console.log(Result.getOrThrow(params)) // { email: "ada@x.org", age: 36 }
 * ```
 */
export const parseAssignments = (
  words: ReadonlyArray<string>,
  schema: JsonSchema
): Result.Result<JsonObject, ParamsProblem> =>
  Result.gen(function* () {
    const assignments = []
    for (const word of words) assignments.push(yield* parseWord(word))
    const tree = yield* collect(assignments)
    return yield* toJson(tree, schema)
  })

/**
 * Writes params as `KEY=VALUE` words: the other direction, used for examples.
 * `parseAssignments(formatAssignments(params, schema), schema)` gives `params` back.
 */
export const formatAssignments = (params: JsonObject, schema: JsonSchema): ReadonlyArray<string> =>
  Object.entries(params).flatMap(([key, value]) => formatWord([key], value, schema, schema))
