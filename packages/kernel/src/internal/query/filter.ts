import { canonicalJson, type Json } from "@portico/schema"
import { compareText } from "./codePoints.ts"

/** What the kernel keeps of every node. */
export const systemFields = ["slug", "class", "rev", "createdAt", "updatedAt"] as const
export type SystemField = (typeof systemFields)[number]

/** What is compared or ordered by: a property by its qualified key, or what the kernel keeps of every node. */
export type Field =
  | { readonly kind: "prop"; readonly key: string }
  | { readonly kind: "system"; readonly key: SystemField }

/** One test of one value. */
export type Test =
  | { readonly op: "eq" | "ne" | "contains"; readonly value: Json }
  | { readonly op: "in"; readonly value: ReadonlyArray<Json> }
  | { readonly op: "lt" | "lte" | "gt" | "gte"; readonly value: string | number | boolean }
  | { readonly op: "startsWith"; readonly value: string }
  | { readonly op: "exists"; readonly value: boolean }

/** A checked `where`. */
export type Filter =
  | { readonly kind: "all" | "any"; readonly of: ReadonlyArray<Filter> }
  | { readonly kind: "not"; readonly of: Filter }
  | { readonly kind: "test"; readonly field: Field; readonly test: Test }

/** Whether something holds; `read` gives its values, null for what is absent. */
export const holds = (filter: Filter, read: (field: Field) => Json): boolean => {
  switch (filter.kind) {
    case "all":
      return filter.of.every((each) => holds(each, read))
    case "any":
      return filter.of.some((each) => holds(each, read))
    case "not":
      return !holds(filter.of, read)
    case "test":
      return passes(filter.test, read(filter.field))
  }
}

const passes = (test: Test, value: Json): boolean => {
  switch (test.op) {
    case "eq":
      return equal(value, test.value)
    case "ne":
      return !equal(value, test.value)
    case "in":
      return test.value.some((each) => equal(value, each))
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return compares(test.op, value, test.value)
    case "contains":
      if (typeof value === "string") return typeof test.value === "string" && value.includes(test.value)
      return Array.isArray(value) && value.some((each: Json) => equal(each, test.value))
    case "startsWith":
      return typeof value === "string" && value.startsWith(test.value)
    case "exists":
      return (value !== null) === test.value
  }
}

const equal = (a: Json, b: Json): boolean =>
  a === b ||
  (typeof a === "object" && typeof b === "object" && a !== null && b !== null && canonicalJson(a) === canonicalJson(b))

/** How a value stands to another of its type; undefined for one of another type. */
const difference = (a: Json, b: string | number | boolean): number | undefined => {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b)
  if (typeof a === "number" && typeof b === "number") return a - b
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b)
  return undefined
}

const compares = (op: "lt" | "lte" | "gt" | "gte", value: Json, to: string | number | boolean): boolean => {
  const found = difference(value, to)
  if (found === undefined) return false
  switch (op) {
    case "lt":
      return found < 0
    case "lte":
      return found <= 0
    case "gt":
      return found > 0
    case "gte":
      return found >= 0
  }
}

/** Tests that all have to hold, by the key of their field: what an index can serve. */
export const conjuncts = (filter: Filter): ReadonlyMap<string, ReadonlyArray<Test>> => {
  const found = new Map<string, Array<Test>>()
  const visit = (each: Filter): void => {
    if (each.kind === "all") for (const part of each.of) visit(part)
    if (each.kind !== "test") return
    const id = fieldId(each.field)
    const known = found.get(id)
    if (known === undefined) found.set(id, [each.test])
    else known.push(each.test)
  }
  visit(filter)
  return found
}

/** Tells fields apart: qualified keys have a colon, and what the kernel keeps has none. */
export const fieldId = (field: Field): string => field.key

/** Whether a test holds for nothing that is null or absent. */
export const needsPresence = (test: Test): boolean => !passes(test, null)
