import { PorticoError } from "@portico/schema"

/** Deepest nesting of params and props. */
export const maxJsonDepth = 64

type Path = Array<string | number>

type Problem = "depth" | "notJson" | "surrogate"

/**
 * Why a value cannot be kept as JSON, or undefined when it can. Stops at the depth limit, so neither deep nesting nor
 * a cycle can exhaust the stack here or in whoever walks the value next. Where it is goes into `at`.
 */
const problemOf = (value: unknown, depth: number, at: Path): Problem | undefined => {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? undefined : "surrogate"
    case "number":
      // JSON.parse reads 1e400 as Infinity, which JSON cannot write.
      return Number.isFinite(value) ? undefined : "notJson"
    case "boolean":
      return undefined
    case "object":
      break
    default:
      return "notJson"
  }
  if (value === null) return undefined
  if (depth === 0) return "depth"
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const problem = problemOf(value[index], depth - 1, at)
      if (problem !== undefined) return foundAt(index, problem, at)
    }
    return undefined
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return "notJson"
  for (const [key, member] of Object.entries(value)) {
    if (!key.isWellFormed()) return foundAt(key.toWellFormed(), "surrogate", at)
    // A key with the value undefined is one that JSON.stringify leaves out.
    const problem = member === undefined ? undefined : problemOf(member, depth - 1, at)
    if (problem !== undefined) return foundAt(key, problem, at)
  }
  return undefined
}

const foundAt = (key: string | number, problem: Problem, at: Path): Problem => {
  at.unshift(key)
  return problem
}

/** Longest place that a message names. */
const longestPlace = 200

/** Refuses what is not JSON: depth beyond 64, numbers that are not finite, lone surrogates, instances of classes. */
export const checkJson = (value: unknown, what: string): void => {
  const path: Path = []
  const problem = problemOf(value, maxJsonDepth, path)
  if (problem === undefined) return
  const place = [what, ...path].join(".").slice(0, longestPlace).toWellFormed()
  switch (problem) {
    case "depth":
      throw PorticoError.make("LIMIT_EXCEEDED", `${what}: nested deeper than ${maxJsonDepth}`, {
        limit: "depth",
        max: maxJsonDepth
      })
    case "notJson":
      throw PorticoError.make("INVALID_PARAMS", `${place}: not a JSON value`, {
        issues: [{ path, code: "not_json", message: "only JSON values with finite numbers" }]
      })
    case "surrogate":
      throw PorticoError.make("INVALID_PARAMS", `${place}: text that is not well-formed Unicode`, {
        issues: [{ path, code: "lone_surrogate", message: "text must be well-formed Unicode" }]
      })
  }
}

/** Freezes a JSON value all the way down, so that it can be shared between answers. */
export const deepFreeze = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}
