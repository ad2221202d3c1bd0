import type { Json } from "../../Json.ts"

/** True for a JSON value that has a canonical text: plain objects and arrays all the way down, no lone surrogates. */
export const isJson = (u: unknown, depth = 0): u is Json => {
  if (typeof u === "string") return u.isWellFormed()
  if (u === null || typeof u === "boolean") return true
  if (typeof u === "number") return Number.isFinite(u)
  if (typeof u !== "object" || depth > 64) return false
  if (Array.isArray(u)) return u.every((item) => isJson(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(u)
  return (
    (prototype === null || prototype === Object.prototype) &&
    Object.entries(u).every(([key, value]) => key.isWellFormed() && isJson(value, depth + 1))
  )
}
