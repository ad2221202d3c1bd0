import * as FindMyWay from "effect/http/FindMyWay"
import * as Result from "effect/Result"
import { parsePattern, routedOf } from "../planner/pattern.ts"
import type { Endpoint } from "./Endpoint.ts"

/** An endpoint and what the request's path and query gave. */
export type Match = FindMyWay.FindResult<Endpoint>

// A `*` leaves `HEAD` to `GET`, so that a `HEAD` goes where the `GET` of its path does.
const everyMethod = ["GET", "POST", "PUT", "PATCH", "DELETE", "QUERY", "OPTIONS"] as const
const methods = [...everyMethod, "HEAD"] as const

/** Two paths of which the router can hold only one. */
const placeOf = (path: string): string => {
  const pattern = parsePattern(path)
  return Result.isSuccess(pattern) ? routedOf(pattern.success) : path
}

/** Finds the endpoint of a request. Paths are case sensitive and have one spelling each. */
export class RouteTable {
  private readonly router = FindMyWay.make<Endpoint>({
    caseSensitive: true,
    ignoreDuplicateSlashes: false,
    ignoreTrailingSlash: false,
    maxParamLength: 4096
  })

  /** What takes everything below a path takes the path as well, where no endpoint has it for itself. */
  constructor(endpoints: ReadonlyArray<Endpoint>) {
    const taken = new Set<string>()
    const on = (endpoint: Endpoint, path: string, yields: boolean): void => {
      for (const method of endpoint.info.method === "*" ? everyMethod : [endpoint.info.method]) {
        const place = `${method} ${placeOf(path)}`
        if (yields && taken.has(place)) continue
        taken.add(place)
        // The plan has made sure that paths start with a slash.
        this.router.on(method, path as FindMyWay.PathInput, endpoint)
      }
    }
    for (const endpoint of endpoints) on(endpoint, endpoint.info.path, false)
    for (const endpoint of endpoints) {
      const { path } = endpoint.info
      if (path.endsWith("/*") && path !== "/*") on(endpoint, path.slice(0, -2), true)
    }
  }

  /** `url` is path and query. A `HEAD` without a route of its own is a `GET`. */
  find(method: string, url: string): Match | undefined {
    const found = this.router.find(method, url)
    return found === undefined && method === "HEAD" ? this.router.find("GET", url) : found
  }

  /** The methods that `url` has a route for, for `Allow`. Empty if the address does not exist. */
  allowed(url: string): ReadonlyArray<string> {
    const found: Array<string> = methods.filter((method) => this.router.find(method, url) !== undefined)
    if (found.length === 0) return found
    if (found.includes("GET") && !found.includes("HEAD")) found.push("HEAD")
    if (!found.includes("OPTIONS")) found.push("OPTIONS")
    return found.sort()
  }
}
