/**
 * What to do next, for each error that an instance answers with.
 */
import type { ErrorCode, PorticoError } from "@portico/schema"
import * as Predicate from "effect/Predicate"

const textOf = (details: PorticoError["details"], key: string): string | undefined => {
  const value = details?.[key]
  return typeof value === "string" ? value : undefined
}

const listOf = (value: unknown): string | undefined => {
  if (Array.isArray(value)) return value.filter(Predicate.isString).join(", ")
  return typeof value === "string" ? value : undefined
}

const signIn =
  "Sign in with portico auth login, give a token with --token-file FILE or PORTICO_TOKEN, or name the instance's data folder with --data DIR"
const readAgain = "Read it again and repeat the change"
const tryLater = "Try again in a moment"

const deniedAdvice = (error: PorticoError): string => {
  if (textOf(error.details, "phase") === "credential") {
    return "Ask for less, or show a credential that reaches further: portico auth login"
  }
  const needs = listOf(error.details?.needs)
  const on = textOf(error.details, "on")
  return needs === undefined || on === undefined
    ? "Ask somebody who holds SHARE on it for a grant"
    : `Ask somebody who holds SHARE on ${on} to grant you ${needs} there`
}

const advice: Partial<Record<ErrorCode, string | ((error: PorticoError) => string | undefined)>> = {
  UNAUTHENTICATED: signIn,
  PERMISSION_DENIED: deniedAdvice,
  NOT_FOUND: "What you may not see looks the same as what does not exist; see what there is: portico ls /",
  CLASS_NOT_FOUND: "See what is installed: portico domain list",
  METHOD_NOT_FOUND: "See what can be called: portico describe PATH",
  INVALID_PARAMS: "See the params: portico call PATH --describe",
  INVALID_PATH: "Addresses look like /projects/apollo, /projects/apollo::get or /:origin:class.Name:method",
  PATH_CONFLICT: "Choose another path, or say onConflict=merge or onConflict=skip",
  REV_CONFLICT: readAgain,
  NOT_EMPTY: "Say recursive=true to delete what is below as well",
  SCHEMA_IN_USE: "Remove what still uses it first",
  CONTRACT_MISMATCH: "Install the domain again: portico domain install SOURCE",
  IN_PROGRESS: tryLater,
  INSTALL_IN_PROGRESS: tryLater,
  WRONG_HOST: "Use the URL that the instance is configured with (PORTICO_PUBLIC_URL)",
  RATE_LIMITED: tryLater,
  INTERNAL: "The instance's log says more; give its operator the request id (--debug shows it)",
  DISPATCH_FAILED: tryLater,
  // The client says which URL did not answer; an instance that answers has said itself what is not ready.
  UNAVAILABLE: (error) =>
    textOf(error.details, "url") === undefined
      ? undefined
      : "Start an instance with portico start, or name another with --instance URL",
  TIMEOUT: tryLater,
  STORAGE_FULL: "Make room on the instance's disk"
}

/** The advice for an error; undefined where its message says all there is to say. */
export const adviceFor = (error: PorticoError): string | undefined => {
  const found = advice[error.code]
  return typeof found === "function" ? found(error) : found
}

interface Issue {
  readonly path?: unknown
  readonly message?: unknown
}

/** Issues that the message does not tell: `email: must be a string; age: …`. */
export const issuesOf = (error: PorticoError): string | undefined => {
  const issues = error.details?.issues
  if (!Array.isArray(issues) || issues.length === 0) return undefined
  // Details come off the wire: every field is checked where it is used.
  const untold = (issues as ReadonlyArray<Issue | null>).flatMap((issue) => {
    const path = Array.isArray(issue?.path) ? issue.path.join(".") : listOf(issue?.path)
    const message = typeof issue?.message === "string" ? issue.message : "is not valid"
    if (error.message.includes(message)) return []
    return [path === undefined || path === "" ? message : `${path}: ${message}`]
  })
  return untold.length === 0 ? undefined : untold.join("; ")
}
