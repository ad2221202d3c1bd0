import * as FindMyWay from "effect/http/FindMyWay"
import type { Endpoint } from "./Endpoint.ts"

/** An endpoint and what the request's path and query gave. */
export type Match = FindMyWay.FindResult<Endpoint>

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "QUERY", "OPTIONS", "HEAD"] as const

/** Finds the endpoint of a request. Paths are case sensitive and have one spelling each. */
export class RouteTable {
  private readonly router = FindMyWay.make<Endpoint>({
    caseSensitive: true,
    ignoreDuplicateSlashes: false,
    ignoreTrailingSlash: false,
    maxParamLength: 4096
  })

  add(endpoint: Endpoint): void {
    const { method, path } = endpoint.info
    const targets = path.endsWith("/*") && path !== "/*" ? [path, path.slice(0, -2)] : [path]
    for (const target of targets) {
      // The plan has made sure that paths start with a slash.
      const pattern = target as FindMyWay.PathInput
      if (method === "*") for (const each of methods) this.router.on(each, pattern, endpoint)
      else this.router.on(method, pattern, endpoint)
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
