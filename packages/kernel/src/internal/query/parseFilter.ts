import { type Issue, type Order, PorticoError, type Where } from "@portico/schema"
import type { Field, Filter, Test } from "./filter.ts"

/** Conditions that one `where` may have in all, and how deep `and`, `or` and `not` may be nested. */
export const maxConditions = 256
export const maxFilterDepth = 16

/** What a key names, or why it names nothing. */
export type Resolve = (key: string) => Field | Pick<Issue, "code" | "message">

type Path = ReadonlyArray<string | number>

const refuse = (issues: ReadonlyArray<Issue>): never => {
  const [first] = issues
  throw PorticoError.make("INVALID_PARAMS", `${first?.path.join(".")}: ${first?.message}`, { issues })
}

const isField = (found: ReturnType<Resolve>): found is Field => "kind" in found

/** Reads a `where` whose shape the contract has checked: its keys, its size and its depth. */
export const parseFilter = (where: Where | undefined, resolve: Resolve, at: Path): Filter => {
  const issues: Array<Issue> = []
  let conditions = 0

  const tests = (condition: object, field: Field): ReadonlyArray<Filter> =>
    Object.entries(condition).map(([op, value]) => {
      conditions++
      // Boundary: the contract says which tests there are and what each takes.
      return { kind: "test", field, test: { op, value } as Test }
    })

  const read = (part: Where, path: Path, depth: number): Filter => {
    if (depth > maxFilterDepth) return exceeded("filterDepth", maxFilterDepth)
    const of: Array<Filter> = []
    for (const [key, value] of Object.entries(part)) {
      if (value === undefined) continue
      const here = [...path, key]
      if (conditions > maxConditions) return exceeded("conditions", maxConditions)
      if (key === "and" || key === "or") {
        // Boundary, for all three: the contract says that these are lists of conditions, and `not` is one.
        const parts = (value as ReadonlyArray<Where>).map((each, index) => read(each, [...here, index], depth + 1))
        of.push({ kind: key === "and" ? "all" : "any", of: parts })
      } else if (key === "not") {
        of.push({ kind: "not", of: read(value as Where, here, depth + 1) })
      } else {
        const field = resolve(key)
        if (isField(field)) of.push(...tests(value, field))
        else issues.push({ path: here, ...field })
      }
    }
    return { kind: "all", of }
  }

  const filter = read(where ?? {}, at, 0)
  if (conditions > maxConditions) return exceeded("conditions", maxConditions)
  return issues.length === 0 ? filter : refuse(issues.slice(0, 100))
}

const exceeded = (limit: string, max: number): never => {
  const what = limit === "conditions" ? `has at most ${max} conditions` : `is nested at most ${max} deep`
  throw PorticoError.make("LIMIT_EXCEEDED", `a where ${what}`, { limit, max })
}

/** One field to order by. */
export interface OrderBy {
  readonly field: Field
  readonly descending: boolean
}

/** Reads an `order`. A field that is named again adds nothing. */
export const parseOrder = (order: Order | undefined, resolve: Resolve, at: Path): ReadonlyArray<OrderBy> => {
  const issues: Array<Issue> = []
  const by = new Map<string, OrderBy>()
  for (const [index, [key, direction]] of (order ?? []).entries()) {
    const field = resolve(key)
    if (!isField(field)) issues.push({ path: [...at, index, 0], ...field })
    else if (!by.has(field.key)) by.set(field.key, { field, descending: direction === "desc" })
  }
  return issues.length === 0 ? [...by.values()] : refuse(issues)
}
