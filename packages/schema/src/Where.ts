/** What lists and queries are narrowed and ordered by: the values of `where` and `order`. */
import type { Json } from "./Json.ts"

/** Values that `lt`, `lte`, `gt` and `gte` compare. Only values of the same type are ever less or greater. */
export type Comparable = string | number | boolean

/**
 * What is asked of one property; several tests have to hold all.
 *
 * A property that is absent is `null` to every test: `{ eq: null }` finds it, and so does `{ ne: "x" }`. Texts are
 * compared by code point. Nothing is converted: `{ eq: 1 }` does not find `"1"`.
 */
export interface Condition {
  readonly eq?: Json
  readonly ne?: Json
  readonly lt?: Comparable
  readonly lte?: Comparable
  readonly gt?: Comparable
  readonly gte?: Comparable
  /** One of these; at most 256. */
  readonly in?: ReadonlyArray<Json>
  /** A text within a text, or an element of an array. */
  readonly contains?: Json
  readonly startsWith?: string
  /** `true`: is there and not null. */
  readonly exists?: boolean
}

/**
 * Conditions by property, all of which have to hold. Keys are qualified
 * (`crm.example.dev:class.Contact.property.email`), or short (`email`) where that is not ambiguous, or name what the
 * kernel keeps of every node: `slug`, `class`, `rev`, `createdAt`, `updatedAt`.
 *
 * @example
 * ```ts
 * import type { Where } from "@portico/schema"
 *
 * const where: Where = { company: { in: ["ACME", "Initech"] }, or: [{ name: { startsWith: "A" } }, { age: { gte: 65 } }] }
 * ```
 */
export interface Where {
  readonly and?: ReadonlyArray<Where>
  readonly or?: ReadonlyArray<Where>
  readonly not?: Where
  readonly [key: string]: Condition | Where | ReadonlyArray<Where> | undefined
}

/**
 * Keys and directions, the first counting most. Values are in the order null or absent, false, true, numbers, texts by
 * code point, arrays and objects; of a text or of the JSON of an array or object, the first 128 characters count.
 */
export type Order = ReadonlyArray<readonly [key: string, direction: "asc" | "desc"]>
