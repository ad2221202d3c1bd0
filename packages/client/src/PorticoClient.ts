import type { PorticoError } from "@portico/schema"
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Mode, Out } from "./Calls.ts"
import type { Change, ChangesOptions } from "./Changes.ts"
import type { ExportOptions, FileSource, Imported, ImportOptions } from "./Files.ts"
import { type GraphClient, makeGraphClient } from "./GraphClient.ts"
import { changesOver } from "./internal/changes.ts"
import { baseUrl, type HttpOptions } from "./internal/http.ts"
import { httpTransport, makeInstance } from "./internal/instance.ts"
import { run, toPromises } from "./internal/promises.ts"
import { type DomainProxy, makeProxy } from "./internal/proxy.ts"
import { sentFrom } from "./internal/sent.ts"
import { answerOver, exportOver, importOver, sendOver } from "./internal/streams.ts"
import type { GraphNode } from "./Node.ts"
import type { CallAnswer, CallRequest, SendOptions } from "./Transport.ts"

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
    InstanceApi<"effect"> & {
      readonly changes: (options?: ChangesOptions) => Stream.Stream<Change, PorticoError>
      readonly export: (options?: ExportOptions) => Stream.Stream<Uint8Array, PorticoError>
      readonly import: (file: FileSource, options?: ImportOptions) => Effect.Effect<Imported, PorticoError>
      /**
       * Calls what may give anything: where its answer has an `output`, the result is a `Stream` of items or of bytes.
       * It has to be read, since it holds the connection.
       */
      readonly answer: (request: CallRequest, options?: SendOptions) => Effect.Effect<CallAnswer, PorticoError>
    }
  /**
   * Every change since a commit, or from now on, once and in order, as far as the caller may READ it. Ends when the loop
   * over it does. A lost connection is taken up again where it was, unless nothing arrived yet and no `since` was given.
   * Throws CHANGES_EXPIRED where `since` is no longer kept: read afresh, and watch from `error.details.seq`.
   */
  readonly changes: (options?: ChangesOptions) => AsyncIterable<Change>
  /**
   * Nodes and edges as a file of one commit, as far as the caller may READ them, as it comes. A file of JSON lines that
   * was cut off lacks its last line; one of CSV fails with UNAVAILABLE.
   *
   * @example
   * ```ts no-run
   * import { PorticoClient } from "@portico/client"
   * import { open } from "node:fs/promises"
   *
   * const portico = PorticoClient.make({ url: "http://localhost:4000", token: "…" })
   * const file = await open("contacts.jsonl", "wx")
   * for await (const bytes of portico.export({ under: "/contacts" })) await file.write(bytes)
   * await file.close()
   * ```
   */
  readonly export: (options?: ExportOptions) => AsyncIterable<Uint8Array>
  /** Makes nodes and edges of the rows of a file, which is read no faster than they are made. */
  readonly import: (file: FileSource, options?: ImportOptions) => Promise<Imported>
  /** Calls what reads bytes, or lines of JSON; `type` is their media type. */
  readonly send: (
    request: CallRequest,
    body: FileSource,
    options: { readonly type: string; readonly timeoutMs?: number; readonly signal?: AbortSignal }
  ) => Promise<CallAnswer>
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
    effect: {
      ...graph.effect,
      ...instance,
      changes: (asked = {}) => changesOver(options, url, asked),
      export: (asked = {}) => exportOver(options, url, asked),
      import: (file, asked = {}) => importOver(options, url, file, asked),
      answer: (request, asked = {}) => answerOver(options, url, request, asked)
    },
    export: (asked = {}) => Stream.toAsyncIterable(exportOver(options, url, asked)),
    import: (file, asked = {}) => run(importOver(options, url, file, asked), asked.signal),
    send: (request, body, { signal, timeoutMs, type }) =>
      run(sendOver(options, url, sentFrom(request, body, type), timeoutMs), signal),
    changes: (asked = {}) => Stream.toAsyncIterable(changesOver(options, url, asked)),
    url,
    as: (token) => make({ ...options, token }),
    proxy: (origin) => makeProxy(graph, origin)
  }
}

/** Makes clients of instances. See {@link make}. */
export const PorticoClient = { make } as const
