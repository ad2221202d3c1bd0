import { PorticoError } from "@portico/schema"
import * as Predicate from "effect/Predicate"
import type { Op } from "../ops/Op.ts"

/** What the contracts allow; a setting allows less. */
export const mostOfPage = 1_000

const limitOf = (value: unknown): unknown => (Predicate.hasProperty(value, "limit") ? value.limit : undefined)

const pageOf = (value: unknown): unknown => (Predicate.hasProperty(value, "page") ? limitOf(value.page) : undefined)

/** Sizes of pages that params ask for: of the answer, and of the parts of a query. */
const sizesIn = (params: Readonly<Record<string, unknown>>): ReadonlyArray<unknown> => {
  const steps = Array.isArray(params.steps) ? params.steps : []
  return [limitOf(params), pageOf(params.start), ...steps.map(pageOf)]
}

/** Refuses larger pages than the kernel gives by its settings. The params fit their contract. */
export const checkPages = ({ tools }: Op, params: Readonly<Record<string, unknown>>): void => {
  const max = tools.limits.page
  if (max === mostOfPage) return
  if (sizesIn(params).some((size) => typeof size === "number" && size > max)) {
    throw PorticoError.make("LIMIT_EXCEEDED", `a page has at most ${max} items`, { limit: "page", max })
  }
}
