import { type CallableContract, PorticoError } from "@portico/schema"
import * as Result from "effect/Result"
import type { LocalDomain } from "../DomainHost.ts"
import type { Catalogue } from "./catalogue.ts"

/** A function that a request is for. */
export interface FunctionMatch {
  readonly local: LocalDomain
  readonly slug: string
  readonly contract: CallableContract
  /** From the `:name` segments of its route. */
  readonly pathParams: Readonly<Record<string, string>>
}

/** Raised with `allow`, since HTTP wants to know which methods there are instead. */
export interface FunctionRefusal {
  readonly error: PorticoError
  readonly allow?: string
}

/**
 * The function behind `/d/<origin>/functions/<slug>` or behind the route that it declares. What does not exist and what
 * is not installed read the same.
 */
export const matchFunction = (
  find: Catalogue["find"],
  method: string,
  url: string
): Result.Result<FunctionMatch, FunctionRefusal> => {
  const segments = segmentsOf(url)
  const [d, origin, ...rest] = segments ?? []
  const local = d === "d" && origin !== undefined ? find(origin) : undefined
  if (local === undefined) return notFound()
  const allowed = new Set<string>()
  for (const [slug, contract] of Object.entries(local.definition.bundle.contract.functions)) {
    const pathParams = matchPath(routeSegments(slug, contract), rest)
    if (pathParams === undefined) continue
    const wanted = contract.route?.method.toUpperCase() ?? "POST"
    if (wanted === method.toUpperCase()) return Result.succeed({ local, slug, contract, pathParams })
    allowed.add(wanted)
  }
  return allowed.size === 0 ? notFound() : methodNotAllowed([...allowed].sort().join(", "))
}

const notFound = () =>
  Result.fail({ error: PorticoError.make("NOT_FOUND", "Nothing answers at this address.") } satisfies FunctionRefusal)

const methodNotAllowed = (allow: string) =>
  Result.fail({
    error: PorticoError.make("METHOD_NOT_ALLOWED", `This address answers to ${allow}.`, { allow }),
    allow
  } satisfies FunctionRefusal)

const routeSegments = (slug: string, { route }: CallableContract): ReadonlyArray<string> =>
  route === undefined ? ["functions", slug] : route.path.split("/").filter((segment) => segment !== "")

/** Segments of the path, each decoded once. Undefined where one cannot be, or holds a slash. */
const segmentsOf = (url: string): ReadonlyArray<string> | undefined => {
  const path = url.split(/[?#]/, 1)[0] ?? ""
  const segments: Array<string> = []
  for (const raw of path.split("/").slice(1)) {
    try {
      const segment = decodeURIComponent(raw)
      if (segment === "" || segment === "." || segment === ".." || segment.includes("/")) return undefined
      segments.push(segment)
    } catch {
      return undefined
    }
  }
  return segments
}

const matchPath = (
  pattern: ReadonlyArray<string>,
  segments: ReadonlyArray<string>
): Readonly<Record<string, string>> | undefined => {
  if (pattern.length !== segments.length) return undefined
  const params: Array<readonly [string, string]> = []
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ""
    if (part.startsWith(":")) params.push([part.slice(1), segment])
    else if (part !== segment) return undefined
  }
  return Object.fromEntries(params)
}
