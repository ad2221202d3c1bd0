import { PorticoError } from "@portico/schema"
import type { CallRequest } from "../../Kernel.ts"

const outputs = ["value", "stream", "binary"] as const

/** What the header `portico-wants` says that the caller means to get. */
export const asWants = (header: string): Pick<CallRequest, "wants"> => {
  const wants = outputs.find((output) => output === header)
  if (wants !== undefined) return { wants }
  throw PorticoError.make("INVALID_PARAMS", `portico-wants is one of ${outputs.join(", ")}`, {
    issues: [{ path: ["portico-wants"], code: "wants", message: `one of ${outputs.join(", ")}` }]
  })
}

const malformed = (message: string): never => {
  throw PorticoError.make("INVALID_BODY", message)
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const known = new Set(["path", "params", "self"])

/** A value as a call. `at` says where it is, for a batch. */
export const asCall = (value: unknown, at = "the body"): CallRequest => {
  if (!isObject(value)) return malformed(`${at} is not an object`)
  for (const key of Object.keys(value))
    if (!known.has(key)) malformed(`${at} has the unknown key ${JSON.stringify(key.slice(0, 100))}`)
  const { path, self } = value
  if (!Object.hasOwn(value, "path") || typeof path !== "string") return malformed(`${at} has no path`)
  if (self !== undefined && typeof self !== "string") return malformed(`${at}: self is not an address`)
  return {
    path,
    ...(value.params === undefined ? undefined : { params: value.params }),
    ...(self === undefined ? undefined : { self })
  }
}

/** Most calls of one batch. */
export const maxBatch = 1_000

/** A value as a batch of calls. */
export const asBatch = (value: unknown): ReadonlyArray<unknown> => {
  if (!isObject(value) || !Array.isArray(value.calls)) return malformed("the body has no calls")
  if (Object.keys(value).length > 1) return malformed("the body has unknown keys beside calls")
  if (value.calls.length > maxBatch) {
    throw PorticoError.make("LIMIT_EXCEEDED", `a batch has at most ${maxBatch} calls`, {
      limit: "batch",
      max: maxBatch
    })
  }
  return value.calls
}

/** Types that a form of another site may send without being asked whether it may, and JSON, which is no stream. */
const notStreamed = /^(?:application\/(?:json|x-www-form-urlencoded)|multipart\/form-data|text\/plain)\s*(?:;|$)/i

/** A call in a query, whose body is a stream of this type. */
export const asStreamedCall = (
  query: Readonly<Record<string, string | ReadonlyArray<string>>>,
  type: string | undefined
): CallRequest & { readonly inputType: string } => {
  if (type === undefined || notStreamed.test(type.trim())) {
    throw PorticoError.make(
      "UNSUPPORTED_MEDIA_TYPE",
      `a call in the query reads its body as a stream, which is not ${type ?? "of no type"}; for example application/x-ndjson or text/csv`
    )
  }
  for (const [name, value] of Object.entries(query)) {
    if (!known.has(name)) malformed(`the query has the unknown key ${JSON.stringify(name.slice(0, 100))}`)
    if (typeof value !== "string") malformed(`the query has ${name} more than once`)
  }
  const { params, ...rest } = query
  return {
    ...asCall({ ...rest, ...(params === undefined ? undefined : { params: parsed(params) }) }, "the query"),
    inputType: type
  }
}

const parsed = (params: string | ReadonlyArray<string>): unknown => {
  try {
    return JSON.parse(String(params))
  } catch {
    return malformed("the query: params is not JSON")
  }
}
