/** How a callable of any kind is called, and how what it gives arrives. */
import type { AnyCallable, ErrorCode, FnDef, ItemOf, ParamsOf, Pieces, PorticoError } from "@portico/schema"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Target } from "./Node.ts"
import type { SendOptions } from "./Transport.ts"

/** How results are given: as Promises that reject with a `PorticoError`, or as Effects that fail with one. */
export type Mode = "promise" | "effect"

/** A result in one of the two modes. */
export type Out<M extends Mode, A> = M extends "promise" ? Promise<A> : Effect.Effect<A, PorticoError<ErrorCode>>

/** What comes one after another, in one of the two modes: an `AsyncIterable` that throws, or a `Stream` that fails. */
export type Coming<M extends Mode, A> = M extends "promise"
  ? AsyncIterable<A>
  : Stream.Stream<A, PorticoError<ErrorCode>>

export interface StreamOptions {
  /** The node that an instance method is called on. */
  readonly self?: Target
  /** Gives the call up when it aborts; the promise rejects with `CANCELLED`. Effects are interrupted instead. */
  readonly signal?: AbortSignal
}

export interface CallOptions extends StreamOptions, SendOptions {}

/** What is sent to a callable that reads: in order, read no faster than it is wanted. */
export type CallInput<A> = Iterable<A> | Pieces<A>

/** What an address may be sent that reads. */
export interface SentInput {
  /** Items as JSON, or bytes where there is an `inputType`. */
  readonly input?: CallInput<unknown>
  /** Media type of the bytes. */
  readonly inputType?: string
}

/** A callable that gives a value. */
export type ValueCallable = AnyCallable & { readonly definition: FnDef & { readonly output: "value" } }
/** A callable that gives values one after another. */
export type StreamCallable = AnyCallable & { readonly definition: FnDef & { readonly output: "stream" } }
/** A callable that gives bytes. */
export type BinaryCallable = AnyCallable & { readonly definition: FnDef & { readonly output: "binary" } }

/** Params may be left out where none is required, and so may options where nothing is read. */
export type CallArgs<C extends AnyCallable, Options = CallOptions> = [ItemOf<C>] extends [never]
  ? {} extends ParamsOf<C>
    ? [params?: ParamsOf<C> | undefined, options?: Options]
    : [params: ParamsOf<C>, options?: Options]
  : [params: ParamsOf<C>, options: Options & ReadOption<C>]

type ReadOption<C extends AnyCallable> = C["definition"]["input"] extends "binary"
  ? { readonly input: Uint8Array | Pieces<Uint8Array>; readonly inputType?: string }
  : { readonly input: CallInput<ItemOf<C>> }
