/**
 * Assignments gathered by key, and turned into the JSON that a contract describes.
 */

import type { Json, JsonObject } from "@portico/schema"
import * as Result from "effect/Result"
import type { JsonSchema, ParamsProblem } from "../../Params.ts"
import { nearest } from "../nearest.ts"
import { alternatives, propertyNames, propertySchema } from "./jsonSchema.ts"
import { typed } from "./typed.ts"
import type { Assignment, Written } from "./words.ts"

interface Branch {
  readonly _tag: "Branch"
  readonly children: Map<string, Branch | Leaf>
}
interface Leaf {
  readonly _tag: "Leaf"
  readonly values: Array<Written>
}

const branch = (): Branch => ({ _tag: "Branch", children: new Map() })

const problem = (message: string) => Result.fail<ParamsProblem>({ message })

const childBranch = (parent: Branch, key: string): Branch | undefined => {
  const existing = parent.children.get(key)
  if (existing !== undefined) return existing._tag === "Branch" ? existing : undefined
  const made = branch()
  parent.children.set(key, made)
  return made
}

const childLeaf = (parent: Branch, key: string): Leaf | undefined => {
  const existing = parent.children.get(key)
  if (existing !== undefined) return existing._tag === "Leaf" ? existing : undefined
  const made: Leaf = { _tag: "Leaf", values: [] }
  parent.children.set(key, made)
  return made
}

/** Gathers assignments into a tree; the same key twice is a list. */
export const collect = (assignments: ReadonlyArray<Assignment>): Result.Result<Branch, ParamsProblem> => {
  const root = branch()
  for (const { path, value } of assignments) {
    const clash = () => problem(`${path.join(".")} is given both as a value and as an object`)
    let here: Branch | undefined = root
    for (const key of path.slice(0, -1)) {
      here = childBranch(here, key)
      if (here === undefined) return clash()
    }
    const leaf = childLeaf(here, path.at(-1) ?? "")
    if (leaf === undefined) return clash()
    leaf.values.push(value)
  }
  return Result.succeed(root)
}

/** Types the tree by `schema`, which describes the whole params object. */
export const toJson = (tree: Branch, schema: JsonSchema): Result.Result<JsonObject, ParamsProblem> =>
  object(tree, schema, schema, [])

const object = (
  tree: Branch,
  root: JsonSchema,
  schema: JsonSchema,
  path: ReadonlyArray<string>
): Result.Result<JsonObject, ParamsProblem> => {
  const shapes = alternatives(root, schema).filter((one) => one.type === "object" || one.type === "any")
  if (shapes.length === 0) return problem(`${path.join(".")} is not an object`)
  // In a union of objects the first shape in which every key has a place is meant.
  let first: Result.Result<JsonObject, ParamsProblem> | undefined
  for (const shape of shapes) {
    const read = fields(tree, root, (key) => propertySchema(shape, key), propertyNames(shape), path)
    if (Result.isSuccess(read)) return read
    first ??= read
  }
  return first ?? problem(`${path.join(".")} is not an object`)
}

const fields = (
  tree: Branch,
  root: JsonSchema,
  schemaOf: (key: string) => JsonSchema | undefined,
  known: ReadonlyArray<string>,
  path: ReadonlyArray<string>
): Result.Result<JsonObject, ParamsProblem> => {
  const entries: Array<readonly [string, Json]> = []
  for (const [key, child] of tree.children) {
    const schema = schemaOf(key)
    const name = [...path, key].join(".")
    if (schema === undefined) return problem(unknownParam(name, key, known))
    const value =
      child._tag === "Branch" ? object(child, root, schema, [...path, key]) : leaf(child, root, schema, name)
    if (Result.isFailure(value)) return Result.fail(value.failure)
    entries.push([key, value.success])
  }
  // fromEntries defines own properties, so that `__proto__` is a key like any other
  return Result.succeed(Object.fromEntries(entries))
}

const leaf = (child: Leaf, root: JsonSchema, schema: JsonSchema, name: string) =>
  Result.mapError(typed(root, schema, child.values), (expected): ParamsProblem => {
    const texts = child.values.map((value) => (value._tag === "Text" ? value.text : JSON.stringify(value.json)))
    return { message: `${name} must be ${expected}, got ${texts.map((text) => JSON.stringify(text)).join(", ")}` }
  })

const unknownParam = (name: string, key: string, known: ReadonlyArray<string>): string => {
  const close = nearest(key, known)
  if (close !== undefined) return `there is no param ${name}; did you mean ${close}?`
  return known.length === 0
    ? `there is no param ${name}: the callable takes none here`
    : `there is no param ${name}; there are ${known.join(", ")}`
}
