import { compareText } from "./codePoints.ts"
import { beginningWith, comparedTo, encodeValue, equalTo, everything, existing, type Range } from "./encode.ts"
import type { Test } from "./filter.ts"
import type { OrderBy } from "./parseFilter.ts"

/** A list of properties whose values are kept in order: declared by `indexes` or `unique`. */
export interface IndexList {
  readonly id: number
  /** Qualified keys, as many as are kept: see {@link maxColumns}. */
  readonly keys: ReadonlyArray<string>
}

/** Of a longer list the first properties are kept in order. */
export const maxColumns = 4

/** One stretch of an index: what begins with the values of `prefix`, from `lower` to below `upper`. */
export interface Stretch extends Range {
  readonly prefix: string
}

/** How an index answers: the stretches to read, and the order that each of them comes in. */
export interface IndexPlan {
  readonly list: IndexList
  readonly stretches: ReadonlyArray<Stretch>
  /**
   * What each stretch is in order of, when read forwards or, with `descending`, backwards: the order that was asked
   * for and whatever the index has behind it. Absent where that order is another.
   */
  readonly serves: ReadonlyArray<OrderBy> | undefined
}

/** Most stretches that one `where` may ask of an index. */
const maxStretches = 64

/** Tests by the key of the field, all of which have to hold. */
export type Tests = ReadonlyMap<string, ReadonlyArray<Test>>

/** The index that answers a `where` and an order best, if any is of use. Pure. */
export const planIndex = (
  tests: Tests,
  order: ReadonlyArray<OrderBy>,
  lists: ReadonlyArray<IndexList>
): IndexPlan | undefined => {
  let best: Candidate | undefined
  for (const list of lists) {
    const candidate = tryList(tests, order, list)
    if (candidate !== undefined && (best === undefined || isBetter(candidate, best))) best = candidate
  }
  return best
}

interface Candidate extends IndexPlan {
  readonly fixed: number
  readonly ranged: boolean
}

const isBetter = (a: Candidate, b: Candidate): boolean => {
  if (a.fixed !== b.fixed) return a.fixed > b.fixed
  if (a.ranged !== b.ranged) return a.ranged
  return a.serves !== undefined && b.serves === undefined
}

const tryList = (tests: Tests, order: ReadonlyArray<OrderBy>, list: IndexList): Candidate | undefined => {
  let prefixes: ReadonlyArray<string> = [""]
  const single = new Set<string>()
  let fixed = 0
  for (; fixed < list.keys.length; fixed++) {
    const key = list.keys[fixed] ?? ""
    const values = valuesOf(tests.get(key) ?? [])
    if (values === undefined || prefixes.length * values.length > maxStretches) break
    // Values that share their text are one stretch.
    const texts = new Set(values.map(encodeValue))
    prefixes = prefixes.flatMap((prefix) => [...texts].map((text) => prefix + text))
    if (values.length === 1) single.add(key)
  }
  const rest = list.keys.slice(fixed)
  const ranges = rangesOf(tests.get(rest[0] ?? "") ?? [])
  const serves = served(
    order.filter(({ field }) => !single.has(field.key)),
    rest
  )
  if (fixed === 0 && ranges.length === 0 && (serves === undefined || order.length === 0)) return undefined
  const stretches = prefixes.map((prefix) => narrow(prefix, ranges))
  return { list, stretches, serves, fixed, ranged: ranges.length > 0 }
}

/** The values that `eq` or `in` allows; undefined where neither is asked. */
const valuesOf = (tests: ReadonlyArray<Test>) => {
  const [first] = tests.flatMap((test) => (test.op === "eq" ? [[test.value]] : []))
  return first ?? tests.flatMap((test) => (test.op === "in" ? [test.value] : []))[0]
}

type RangeOf = (prefix: string) => Range

const rangesOf = (tests: ReadonlyArray<Test>): ReadonlyArray<RangeOf> =>
  tests.flatMap((test): ReadonlyArray<RangeOf> => {
    switch (test.op) {
      case "lt":
      case "lte":
      case "gt":
      case "gte":
        return [(prefix) => comparedTo(prefix, test.op, test.value)]
      case "startsWith":
        return [(prefix) => beginningWith(prefix, test.value)]
      case "exists":
        return [(prefix) => existing(prefix, test.value)]
      case "eq":
        return [(prefix) => equalTo(prefix, test.value)]
      default:
        return []
    }
  })

const narrow = (prefix: string, ranges: ReadonlyArray<RangeOf>): Stretch => {
  let { lower, upper } = everything(prefix)
  for (const range of ranges) {
    const one = range(prefix)
    if (compareText(one.lower, lower) > 0) lower = one.lower
    if (compareText(one.upper, upper) < 0) upper = one.upper
  }
  return { prefix, lower, upper }
}

/** The order that the columns behind the fixed ones come in, if it is the one that is asked for. */
const served = (order: ReadonlyArray<OrderBy>, rest: ReadonlyArray<string>): ReadonlyArray<OrderBy> | undefined => {
  const descending = order[0]?.descending ?? false
  const fits = order.every((by, i) => by.field.key === rest[i] && by.descending === descending)
  return fits ? rest.map((key) => ({ field: { kind: "prop", key }, descending })) : undefined
}

/** The properties of an index that would serve, the most selective first; none where no index can. Pure. */
export const suggestIndex = (tests: Tests, order: ReadonlyArray<OrderBy>): ReadonlyArray<string> => {
  const isProp = (key: string) => key.includes(":")
  const fixed = [...tests].filter(([key, of]) => isProp(key) && valuesOf(of) !== undefined).map(([key]) => key)
  const range = [...tests].find(([key, of]) => isProp(key) && !fixed.includes(key) && rangesOf(of).length > 0)
  const ordered = order.map(({ field }) => field.key).filter((key) => !fixed.includes(key))
  const sameWay = order.every(({ descending }) => descending === order[0]?.descending)
  const tail = range === undefined ? (sameWay && ordered.every(isProp) ? ordered : []) : [range[0]]
  return [...fixed, ...tail].slice(0, maxColumns).map(shortName)
}

/** `email` of `crm.example.dev:class.Contact.property.email`. */
export const shortName = (key: string): string => key.slice(key.lastIndexOf(".") + 1)
