import type { CallOptions } from "../Calls.ts"
import type { GraphClient } from "../GraphClient.ts"

/** A call by name: JSON both ways, nothing checked before it is sent. */
export type ProxyCall = (name: string, params?: unknown, options?: CallOptions) => Promise<unknown>

/** A domain whose schema is not at hand: `crm.class("Contact").call("createContact", { … })`, `crm.call("seed")`. */
export interface DomainProxy {
  /** Calls a function. */
  readonly call: ProxyCall
  /** A class, to call its methods; instance methods are told their node by `self`. */
  readonly class: (name: string) => { readonly call: ProxyCall }
  readonly interface: (name: string) => { readonly call: ProxyCall }
}

export const makeProxy = (graph: GraphClient, origin: string): DomainProxy => {
  const below =
    (owner: string): ProxyCall =>
    (name, params, options) =>
      graph.call(`/:${origin}:${owner}${name}`, params, options)
  return {
    call: below("function."),
    class: (name) => ({ call: below(`class.${name}:`) }),
    interface: (name) => ({ call: below(`interface.${name}:`) })
  }
}
