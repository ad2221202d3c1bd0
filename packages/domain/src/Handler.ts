import type { GraphClient, GraphNode } from "@portico/client"
import type { AuthMode, FnDef, HandlerItem, PorticoError, PropsOf } from "@portico/schema"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"

/** What a handler gives back: a value, a promise of one, or an Effect, whose failures are treated as thrown. */
export type HandlerReturn<A> = A | Promise<A> | Effect.Effect<A, unknown>

/** Who called. */
export interface Principal {
  /** Node id of the identity. */
  readonly id: string
  readonly path: string
  /** Ref of its class, for example `kernel.portico.dev:class.User`. */
  readonly class: string
  readonly name: string
}

/** A caller that showed a credential, and what the credential says. */
export interface Auth {
  readonly principal: Principal
  readonly claims: Readonly<Record<string, unknown>>
}

/** The HTTP request behind a call of a function by its URL. */
export interface HandlerRequest {
  readonly method: string
  readonly url: URL
  /** `cookie` and `authorization` are taken out: they are the instance's, not the domain's. */
  readonly headers: Headers
  /** The body as it arrived, for signature checks. */
  readonly body: Uint8Array
}

/**
 * What a handler reads, once: a `Stream`, which `for await` reads as well. It fails with INVALID_PARAMS at the first item
 * that does not fit, whose place its issues name, and with what it broke off with.
 */
export interface InputStream<A> extends Stream.Stream<A, PorticoError>, AsyncIterable<A> {}

/** What a handler reads of a callable, undefined where its input is a value: then all of it is in its params. */
export type HandlerInput<F extends FnDef> = F extends { readonly input: infer In }
  ? In extends "value"
    ? undefined
    : InputStream<HandlerItem<F>>
  : never

type ByAuth<A extends AuthMode, T> = A extends "required" ? T : T | null

/**
 * What a handler may use. `kernel`, `caller` and `auth` are null when nobody showed a credential, which the types say
 * for callables whose auth is not `required`.
 */
export interface HandlerContext<Params, Deps, Self, A extends AuthMode = "required", Input = undefined> {
  /** The graph, with what the caller delegated together with what this function was itself granted. */
  readonly kernel: ByAuth<A, GraphClient>
  /** The graph with the caller's delegated authority alone. */
  readonly caller: ByAuth<A, GraphClient>
  /** The graph with the function's own authority alone. */
  readonly selfKernel: () => GraphClient
  /** The node that an instance method was called on; undefined for everything else. */
  readonly self: Self
  /** Decoded as the schema says. */
  readonly params: Params
  /** What is sent to a callable whose input is a stream or binary. It is sent no faster than it is read. */
  readonly input: Input
  /** What `deps` of the domain made. */
  readonly deps: Deps
  readonly auth: ByAuth<A, Auth>
  /**
   * Aborts at the deadline, when the caller goes away, and at the end of what is streamed. All of the clients above
   * refuse from then on.
   */
  readonly signal: AbortSignal
  /** Present where a function was called by its URL. */
  readonly request: HandlerRequest | undefined
}

/** The node a method of a class or interface runs on: its properties decoded, by their short names. */
export interface SelfNode<Definition> extends Omit<GraphNode, "props"> {
  readonly props: PropsOf<Definition>
}

/** What makes the deps of a domain from its environment. A finalizer put in the scope runs when the domain stops. */
export type DepsMaker<Env, Deps> = (env: Env) => Deps | Promise<Deps> | Effect.Effect<Deps, unknown, Scope.Scope>

/**
 * `authorize: callerOnly` makes a callable refuse what its caller could not do alone: `kernel` is then the caller's
 * authority, and `selfKernel()` is refused.
 */
export const callerOnly: CallerOnly = Object.freeze({ _tag: "CallerOnly" })
export interface CallerOnly {
  readonly _tag: "CallerOnly"
}

/** Runs before `execute`. Returning is leave so far; throwing or failing refuses. */
export type Authorize<Context> = CallerOnly | ((context: Context) => HandlerReturn<void>)
