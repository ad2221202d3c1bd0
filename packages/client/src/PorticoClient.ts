import type { PorticoError } from "@portico/schema"
import * as Stream from "effect/Stream"
import type { Change, ChangesOptions } from "./Changes.ts"
import { type GraphClient, type Mode, makeGraphClient, type Out } from "./GraphClient.ts"
import { changesOver } from "./internal/changes.ts"
import { baseUrl, type HttpOptions } from "./internal/http.ts"
import { httpTransport, makeInstance } from "./internal/instance.ts"
import { toPromises } from "./internal/promises.ts"
import { type DomainProxy, makeProxy } from "./internal/proxy.ts"
import type { GraphNode } from "./Node.ts"

/** What `GET /meta` says of an instance. */
export interface InstanceMeta {
  readonly product: unknown
  readonly version: string
  readonly protocol: number
  readonly issuer: string
  readonly features: ReadonlyArray<string>
  readonly [key: string]: unknown
}

/** What `GET /readyz` says: whether every module is ready, and the whole answer. */
export interface Readiness {
  readonly ready: boolean
  readonly answer: unknown
}

/** What is only known of an instance over HTTP. */
export interface InstanceApi<M extends Mode> {
  /** What a path is: a node, or a callable with its JSON Schemas, as far as the caller may see it. */
  describe(path: string): Out<M, unknown>
  /** `GET /api/nodes/<path>`: the node, or undefined if it still has `ifNoneMatch`. */
  node(
    path: string,
    options?: { readonly ifNoneMatch?: string }
  ): Out<M, { readonly node: GraphNode; readonly etag: string | undefined } | undefined>
  meta(): Out<M, InstanceMeta>
  readyz(): Out<M, Readiness>
  /**
   * Asks a route that has no method of its own, for example `/gateway/v1/internal/modules`: the JSON object that it
   * answers. `path` is from the instance's URL, with its query.
   */
  request(
    method: "GET" | "POST",
    path: `/${string}`,
    options?: { readonly body?: unknown; readonly timeoutMs?: number }
  ): Out<M, Readonly<Record<string, unknown>>>
}

export interface PorticoClientOptions extends HttpOptions {}

/** A client of one instance. */
export interface PorticoClient extends GraphClient, InstanceApi<"promise"> {
  readonly url: string
  readonly effect: GraphClient["effect"] &
    InstanceApi<"effect"> & { readonly changes: (options?: ChangesOptions) => Stream.Stream<Change, PorticoError> }
  /**
   * Every change since a commit, or from now on, once and in order, as far as the caller may READ it. Ends when the loop
   * over it does. A lost connection is taken up again where it was, unless nothing arrived yet and no `since` was given.
   * Throws CHANGES_EXPIRED where `since` is no longer kept: read afresh, and watch from `error.details.seq`.
   */
  readonly changes: (options?: ChangesOptions) => AsyncIterable<Change>
  /** The same instance, with another token. */
  readonly as: (token: HttpOptions["token"]) => PorticoClient
  /** Calls of a domain by name, without its schema. */
  readonly proxy: (origin: string) => DomainProxy
}

/**
 * A client of a running instance over HTTP. It needs a web-standard `fetch` and nothing else.
 *
 * Failures are errors of the catalogue: what the instance answered; UNAVAILABLE if it could not be reached; TIMEOUT
 * after `timeoutMs` (30 s unless told); CANCELLED by a signal. Throws INVALID_PARAMS if `url` is not one.
 *
 * @example
 * ```ts no-run
 * import { PorticoClient } from "@portico/client"
 *
 * const portico = PorticoClient.make({ url: "http://localhost:4000", token: "…" })
 * console.log(await portico.get("/"))
 * ```
 */
const make = (options: PorticoClientOptions): PorticoClient => {
  const url = baseUrl(options.url)
  const graph = makeGraphClient(httpTransport(options, url))
  const instance = makeInstance(options, url)
  return {
    ...graph,
    ...toPromises<InstanceApi<"promise">>(instance),
    effect: { ...graph.effect, ...instance, changes: (asked = {}) => changesOver(options, url, asked) },
    changes: (asked = {}) => Stream.toAsyncIterable(changesOver(options, url, asked)),
    url,
    as: (token) => make({ ...options, token }),
    proxy: (origin) => makeProxy(graph, origin)
  }
}

/** Makes clients of instances. See {@link make}. */
export const PorticoClient = { make } as const
