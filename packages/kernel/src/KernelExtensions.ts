import { Gateway } from "@portico/gate"
import type { SyncConnection } from "@portico/gate/database"
import type { CallableContract, PorticoError } from "@portico/schema"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Authority } from "./Authority.ts"
import type { AllowedBy } from "./internal/permission/Standing.ts"
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

/** A node that a record names: it may be moved or deleted later. */
export interface RecordedNode {
  readonly id: string
  readonly path: string
}

/** A change of who may do what: `grant`, `revoke`, `addMember` or `removeMember`. */
export interface PermissionChange {
  readonly op: "grant" | "revoke" | "addMember" | "removeMember"
  /** Who makes it, from where and through what. */
  readonly authority: Authority
  /** Which half of the authority had SHARE. */
  readonly allowedBy: AllowedBy
  /** Who gains or loses by it. */
  readonly identity: RecordedNode
  /** The node that is granted, or the Group or Role. */
  readonly on: RecordedNode
  /** Masks of the grant before and after it. */
  readonly masks?: { readonly before: number; readonly after: number }
  /** Milliseconds since the epoch. */
  readonly at: number
}

/**
 * Puts a {@link PermissionChange} on record in the transaction that makes it: both are committed, or neither. It is run
 * as a part of that transaction, perhaps more than once, so it does nothing but by its statements; what it throws undoes
 * the change.
 */
export type PermissionRecorder = (conn: SyncConnection, change: PermissionChange) => void

/** A call that was answered PERMISSION_DENIED. */
export interface PermissionRefusal {
  /** Who asked, from where and through what. */
  readonly authority: Authority
  /** What the caller is told. It may be the failure of several calls, of which one made the other. */
  readonly error: PorticoError
}

/** Is told of every {@link PermissionRefusal}, on the path of the call: it returns at once. */
export type RefusalListener = (refusal: PermissionRefusal) => void

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

/** Where changes of grants and memberships are put on record: `Kernel.permissionRecorders`. */
export const permissionRecorders = Gateway.extensionPoint<PermissionRecorder>("kernel.permissionRecorders", {
  description: "Puts grants and memberships on record, in the transaction that changes them."
})

/** Where refusals for want of a permission are told: `Kernel.refusalListeners`. */
export const refusalListeners = Gateway.extensionPoint<RefusalListener>("kernel.refusalListeners", {
  description: "Is told of every call that was refused for want of a permission."
})
