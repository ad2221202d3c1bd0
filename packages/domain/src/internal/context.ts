import type { GraphClient, GraphNode } from "@portico/client"
import type { Auth, HandlerRequest, InputStream } from "../Handler.ts"

/** A handler's context without its types. */
export interface AnyContext {
  readonly kernel: GraphClient | null
  readonly caller: GraphClient | null
  readonly selfKernel: () => GraphClient
  readonly self: GraphNode | undefined
  readonly params: unknown
  readonly input: InputStream<unknown> | undefined
  readonly deps: unknown
  readonly auth: Auth | null
  readonly signal: AbortSignal
  readonly request: HandlerRequest | undefined
}
