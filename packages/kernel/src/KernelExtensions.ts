import { Gateway } from "@portico/gate"
import type { CallableContract, PorticoError } from "@portico/schema"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Authority } from "./Authority.ts"
import type { NodeView } from "./Kernel.ts"

/** A callable of the kernel's own schema that a module above the kernel implements. */
export interface KernelCallable {
  /** Canonical address, for example `/:kernel.portico.dev:class.Domain:install`. */
  readonly path: string
  /**
   * Runs after the kernel has checked the caller's USE on the callable, the bits that its contract needs on `self`,
   * and the params against its contract.
   */
  readonly handle: (call: KernelCallableCall) => Effect.Effect<unknown, PorticoError>
}

/** One call of a {@link KernelCallable}. */
export interface KernelCallableCall {
  readonly authority: Authority
  readonly params: unknown
  /** The node it was called on, for an instance method. */
  readonly self?: NodeView
  /** What it reads, where its `input` is not `value`. */
  readonly input?: Stream.Stream<unknown, unknown>
}

/** A callable of an installed domain. */
export interface DomainCallable {
  readonly origin: string
  /** The class or interface that declares it; absent for a standalone function. */
  readonly owner?: { readonly kind: "class" | "interface"; readonly name: string }
  readonly name: string
  /** Id of its Function node: the identity that it acts as. */
  readonly nodeId: string
  /** Id of its Domain node. */
  readonly domainId: string
  readonly contract: CallableContract
}

/** One call that the kernel has authorized and hands over to whoever runs domains. */
export interface DispatchCall {
  readonly callable: DomainCallable
  readonly self?: NodeView
  /** Checked against the contract's params. */
  readonly params: unknown
  /** Of the caller, not yet combined with the function's own. */
  readonly authority: Authority
  /** Milliseconds since the epoch. */
  readonly deadline: number
  readonly depth: number
  /** UUIDv7 of this call. */
  readonly callId: string
  /** What it reads, where its `input` is not `value` and the caller gave something. */
  readonly input?: Stream.Stream<unknown, unknown>
}

/** Runs the callables of installed domains. */
export interface Dispatcher {
  readonly dispatch: (call: DispatchCall) => Effect.Effect<unknown, PorticoError>
}

/**
 * Where modules above the kernel implement callables of its schema: `Kernel.callables`. One per path.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { Kernel } from "@portico/kernel"
 * import { K } from "@portico/schema"
 * import * as Effect from "effect/Effect"
 *
 * const ListModule = Gateway.module.define({
 *   id: "list",
 *   displayName: "List",
 *   contributes: [Kernel.callables.of({ path: K.Domain.list.path, handle: () => Effect.succeed({ domains: [] }) })]
 * })
 * ```
 */
export const callables = Gateway.extensionPoint<KernelCallable>("kernel.callables", {
  description: "Implementations of callables that the kernel's schema declares.",
  identityOf: (callable) => callable.path
})

/** Where the module that runs domains puts itself: `Kernel.dispatcher`. The first one counts. */
export const dispatcher = Gateway.extensionPoint<Dispatcher>("kernel.dispatcher", {
  description: "Runs the callables of installed domains."
})
