import type { Json } from "@portico/schema"

/** `where` and `order` by the letter, in the most naive way: over plain objects with short keys. */
export type Naive = Readonly<Record<string, Json | undefined>>

const same = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Characters as numbers, so that comparing them is comparing numbers. */
const points = (text: string) => Array.from(text, (char) => char.codePointAt(0) ?? 0)

const compareTexts = (a: string, b: string): number => {
  const [left, right] = [points(a), points(b)]
  const at = left.findIndex((point, i) => point !== right[i])
  if (at < 0) return left.length - right.length
  return (left[at] ?? -1) - (right[at] ?? -1)
}

// biome-ignore lint/suspicious/noExplicitAny: whatever is compared
const less = (a: any, b: any): boolean => (typeof a === "string" ? compareTexts(a, b) < 0 : a < b)

// biome-ignore lint/suspicious/noExplicitAny: a where of whatever form
type Loose = Readonly<Record<string, any>>

export const naiveHolds = (where: Loose, node: Naive): boolean =>
  Object.entries(where).every(([key, value]) => {
    if (key === "and") return value.every((each: Loose) => naiveHolds(each, node))
    if (key === "or") return value.some((each: Loose) => naiveHolds(each, node))
    if (key === "not") return !naiveHolds(value, node)
    return Object.entries(value).every(([op, to]) => naiveTest(op, node[key] ?? null, to))
  })

// biome-ignore lint/suspicious/noExplicitAny: whatever is compared
const naiveTest = (op: string, value: any, to: any): boolean => {
  const comparable = value !== null && typeof value === typeof to && typeof value !== "object"
  if (op === "eq") return same(value, to)
  if (op === "ne") return !same(value, to)
  if (op === "in") return to.some((each: Json) => same(value, each))
  if (op === "lt") return comparable && less(value, to)
  if (op === "gt") return comparable && less(to, value)
  if (op === "lte") return comparable && !less(to, value)
  if (op === "gte") return comparable && !less(value, to)
  if (op === "exists") return (value !== null) === to
  if (op === "startsWith") return typeof value === "string" && value.indexOf(to) === 0
  if (Array.isArray(value)) return value.some((each: Json) => same(each, to))
  return typeof value === "string" && typeof to === "string" && value.indexOf(to) >= 0
}

const rank = (value: Json): number =>
  value === null
    ? 0
    : value === false
      ? 1
      : value === true
        ? 2
        : typeof value === "number"
          ? 3
          : typeof value === "string"
            ? 4
            : 5

const kept = (value: Json): string =>
  Array.from(typeof value === "string" ? value : JSON.stringify(value))
    .slice(0, 128)
    .join("")

/** The order of values: by type, then within it. */
export const naiveCompare = (a: Json, b: Json): number => {
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (typeof a === "number" && typeof b === "number") return a - b
  return rank(a) < 4 ? 0 : compareTexts(kept(a), kept(b))
}

export const naiveSort = (
  order: ReadonlyArray<readonly [string, "asc" | "desc"]>
): ((a: Naive, b: Naive) => number) => {
  return (a, b) => {
    for (const [key, direction] of order) {
      const found = naiveCompare(a[key] ?? null, b[key] ?? null)
      if (found !== 0) return direction === "asc" ? found : -found
    }
    return 0
  }
}
