import type { SyncConnection } from "@portico/gate/database"
import type { Json, PorticoError } from "@portico/schema"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { Authority } from "./Authority.ts"
import { callables, dispatcher, permissionRecorders, refusalListeners } from "./KernelExtensions.ts"

/** A node as it is answered. Values are deeply frozen and shared: copy before you change one. */
export interface NodeView {
  /** UUIDv7; never changes. */
  readonly id: string
  readonly path: string
  /** Empty for Root. */
  readonly slug: string
  /** Ref of its class, for example `crm.example.dev:class.Contact`. */
  readonly class: string
  /** By qualified key, for example `crm.example.dev:class.Contact.property.email`. */
  readonly props: Readonly<Record<string, Json>>
  /** Commit number of its last change. */
  readonly rev: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** An edge as it is answered. */
export interface EdgeView {
  /** Ref of its class, for example `crm.example.dev:class.works_on`. */
  readonly class: string
  /** Ids of the nodes at its ends. A symmetric edge starts at whichever node was asked. */
  readonly source: string
  readonly target: string
  readonly slug?: string
  readonly props: Readonly<Record<string, Json>>
  readonly rev: number
}

/** What is called: any address of a callable, its params, and `self` where the address does not name it. */
export interface CallRequest {
  readonly path: string
  readonly params?: unknown
  /** Address of the node to call on, where `path` names the Function node of an instance method. */
  readonly self?: string
  /**
   * What a callable reads whose `input` is not `value`: items where it is `stream`, bytes (`Uint8Array`s) where it is
   * `binary`. It is read as it is wanted, and no further than the callable reads.
   */
  readonly input?: Stream.Stream<unknown, unknown> | AsyncIterable<unknown>
  /** What the caller means to get. What gives something else is refused with INVALID_PARAMS before anything of it runs. */
  readonly wants?: "value" | "stream" | "binary"
  /** Media type of the bytes in `input`, for example `text/csv`. */
  readonly inputType?: string
  /**
   * The same caller, key and call: the same answer for 24 hours, after the permissions that it asked for were asked for
   * again, and the work is done once. With another call it is IDEMPOTENCY_MISMATCH, while the first one runs
   * IN_PROGRESS, and UNAUTHENTICATED without a credential. Refusals for want of a permission or a node, failures (5xx)
   * and streams are not kept. Not for calls with an `input`.
   */
  readonly idempotencyKey?: string
}

/** A result, and the commit number it was computed at. */
export interface CallAnswer {
  /** Where `output` is `stream` a `Stream` or an `AsyncIterable`; where it is `binary` bytes, or a stream of them. */
  readonly result: unknown
  readonly seq: number
  /** What the callable gives, if not a value. */
  readonly output?: "stream" | "binary"
  /** Media type of what is binary, where the callable says it. */
  readonly outputType?: string
  /** Whether it is a kept answer to an earlier call with the same idempotency key. */
  readonly replayed?: true
}

/** What can be called where: the answer of `describe` for a callable. */
export interface CallableDescription {
  /** Canonical address, for example `/:crm.example.dev:class.Contact:import`, or `::assign` on an instance. */
  readonly path: string
  /** Tree path of its Function node. */
  readonly node: string
  readonly name: string
  readonly static: boolean
  readonly input: "value" | "stream" | "binary"
  readonly output: "value" | "stream" | "binary"
  readonly auth: "required" | "optional" | "public"
  /** JSON Schema 2020-12. */
  readonly params: unknown
  /** Of the result, or of one item of it where `output` is `stream`. */
  readonly result: unknown
  /** Of one item of what it reads, where `input` is `stream`; anything where it is left out. */
  readonly takes?: unknown
  /** Names of the bits that the caller needs on `self`; empty for a static callable. */
  readonly needs: ReadonlyArray<string>
  readonly refs: ReadonlyArray<{
    readonly param: string
    readonly types: ReadonlyArray<string>
    readonly needs: ReadonlyArray<string>
  }>
  readonly title?: string
  readonly description?: string
  readonly deprecated?: boolean
  /** Whether the caller holds USE on it. */
  readonly usable: boolean
  /** A request body for `POST /api/call`. */
  readonly example: CallRequest
}

/** What a path is, as far as the caller may see it. */
export type Description =
  | {
      readonly kind: "node"
      readonly node: NodeView
      /** Names of the bits that the caller holds on it. */
      readonly perms: ReadonlyArray<string>
      readonly callables: ReadonlyArray<CallableDescription>
    }
  | { readonly kind: "callable"; readonly callable: CallableDescription }

/** The interface behind {@link Kernel}. */
export interface KernelService {
  /**
   * Calls what `request.path` names, after checking that `authority` may.
   * Fails with any code of the catalogue; what the kernel itself does not know how to run goes to the dispatcher.
   */
  readonly call: (authority: Authority, request: CallRequest) => Effect.Effect<CallAnswer, PorticoError>
  /**
   * {@link call} of an operation of the kernel's own that writes, with `also` in the same transaction: for modules that
   * keep something about what it makes in tables of theirs. `also` gets the operation's result, and may be run more than
   * once, so it does nothing but by its statements, the same ones each time; what it throws undoes all of it, and is the failure if it is a
   * PorticoError. An idempotency key is not looked at.
   */
  readonly change: (
    authority: Authority,
    request: CallRequest,
    also: (conn: SyncConnection, result: unknown) => void
  ) => Effect.Effect<CallAnswer, PorticoError>
  /** What a path is. Shows only what `authority` may see; fails with NOT_FOUND otherwise. */
  readonly describe: (authority: Authority, path: string) => Effect.Effect<Description, PorticoError>
  /** The node at an address, READ-checked. */
  readonly resolve: (authority: Authority, path: string) => Effect.Effect<NodeView, PorticoError>
  /** The node at an address or id, unchecked: for modules, never for a request. */
  readonly node: (address: string) => Effect.Effect<Option.Option<NodeView>, PorticoError>
  /** The bits that `authority` holds on a node, 0 where it does not exist. */
  readonly mask: (authority: Authority, address: string) => Effect.Effect<number, PorticoError>
  /** Number of the last commit. */
  readonly seq: Effect.Effect<number, PorticoError>
}

/**
 * The graph: nodes, edges, permissions and calls.
 *
 * @example
 * ```ts
 * import { Authority, Kernel } from "@portico/kernel"
 * import * as Effect from "effect/Effect"
 *
 * const read = Effect.fnUntraced(function* (callerId: string, path: string) {
 *   const kernel = yield* Kernel
 *   const { result } = yield* kernel.call(Authority.identity(callerId), { path: `${path}::get` })
 *   return result
 * })
 * ```
 */
export class Kernel extends Context.Service<Kernel, KernelService>()("@portico/kernel/Kernel") {
  /** Whom a plan names to whoever forgot it. */
  static readonly providedBy = "KernelModule of @portico/kernel"
  /** Extension point: implementations of callables that the kernel's own schema declares. */
  static readonly callables = callables
  /** Extension point: who runs the callables of installed domains. */
  static readonly dispatcher = dispatcher
  /** Extension point: who puts grants and memberships on record. */
  static readonly permissionRecorders = permissionRecorders
  /** Extension point: who is told of refusals for want of a permission. */
  static readonly refusalListeners = refusalListeners
}
