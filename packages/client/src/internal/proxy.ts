import type { CallOptions, GraphClient } from "../GraphClient.ts"

/** Calls by name: JSON both ways, nothing checked before it is sent. */
export type ProxyCall = (params?: unknown, options?: CallOptions) => Promise<unknown>

/** Methods of a class or interface by name. */
export interface ProxyOwner {
  readonly [method: string]: ProxyCall
}

/** A domain by name: `crm.class("Contact").createContact({ … })`, `crm.function("seed")()`. */
export interface DomainProxy {
  readonly class: (name: string) => ProxyOwner
  readonly interface: (name: string) => ProxyOwner
  readonly function: (slug: string) => ProxyCall
}

const methods = (graph: GraphClient, owner: string): ProxyOwner =>
  new Proxy<ProxyOwner>(Object.freeze({}), {
    get: (_, method) =>
      // `then` would make an `await` of the proxy itself call a method.
      typeof method !== "string" || method === "then"
        ? undefined
        : (params?: unknown, options?: CallOptions) => graph.call(`${owner}:${method}`, params, options)
  })

export const makeProxy = (graph: GraphClient, origin: string): DomainProxy => ({
  class: (name) => methods(graph, `/:${origin}:class.${name}`),
  interface: (name) => methods(graph, `/:${origin}:interface.${name}`),
  function: (slug) => (params, options) => graph.call(`/:${origin}:function.${slug}`, params, options)
})
