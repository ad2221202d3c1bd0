import * as Result from "effect/Result"
import { claimAt } from "./claims.ts"

const placeholder = /\{([^{}]+)\}/g

/** The claims that each placeholder of a template may take, `undefined` where its braces do not fit together. */
export const placeholders = (template: string): ReadonlyArray<ReadonlyArray<string>> | undefined => {
  if (/[{}]/.test(template.replaceAll(placeholder, ""))) return undefined
  return [...template.matchAll(placeholder)].map(([, names = ""]) => names.split("|").map((name) => name.trim()))
}

const textOf = (claim: unknown): string | undefined => {
  if (typeof claim === "number") return String(claim)
  return typeof claim === "string" && claim.trim() !== "" && claim.length <= 1_000 ? claim.trim() : undefined
}

/** The template with claims in the place of their names, or the placeholder for which there is none. */
export const filled = (template: string, claims: Readonly<Record<string, unknown>>): Result.Result<string, string> => {
  let missing: string | undefined
  const text = template.replaceAll(placeholder, (all, names: string) => {
    const found = names.split("|").flatMap((name) => textOf(claimAt(claims, name.trim())) ?? [])
    if (found[0] === undefined) missing ??= all
    return found[0] ?? ""
  })
  return missing === undefined ? Result.succeed(text) : Result.fail(missing)
}
