/** Methods and functions as an author declares them: `fn`. */
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { AuthMode, Io, RouteContract } from "./Contract.ts"
import type { Former } from "./Definition.ts"
import type { DecodedFields, DecodedOf, EncodableFields, EncodableOf, Field, ParamFields } from "./Field.ts"
import type { MaskInput } from "./Mask.ts"

export interface FnOptions<
  P extends ParamFields,
  R extends Field,
  Static extends boolean,
  In extends Io,
  Out extends Io,
  T extends Field
> {
  /** Called on the class and not on a node. */
  readonly static?: Static
  readonly params?: P
  /** The result, or one item of it where `output` is a stream. Nothing (`null` on the wire) unless given. */
  readonly returns?: R
  /** `stream`: reads values one after another; `binary`: reads bytes. Nothing but its params unless given. */
  readonly input?: In
  /** `stream`: gives values one after another; `binary`: gives bytes. One value unless given. */
  readonly output?: Out
  /** One item of what it reads, where `input` is a stream. Any JSON unless given. */
  readonly takes?: T
  /** `required` unless given. */
  readonly auth?: AuthMode
  /** Mask or names that the caller needs on `self`; READ unless given. */
  readonly needs?: MaskInput
  readonly title?: string
  readonly description?: string
  readonly deprecated?: boolean
  /** Refuses what the caller could not do alone. */
  readonly callerOnly?: boolean
  /** Functions only: a URL of their own. */
  readonly route?: RouteContract
  /** What it was called in earlier versions of the domain. */
  readonly renamedFrom?: Former
}

export interface FnDef<
  out P extends ParamFields = ParamFields,
  out R extends Field = Field,
  out Static extends boolean = boolean,
  out In extends Io = Io,
  out Out extends Io = Io,
  out T extends Field = Field
> {
  readonly _tag: "Fn"
  readonly static: Static
  readonly params: P
  /** Undefined stands for `Schema.Void`. */
  readonly returns: R | undefined
  readonly input: In
  readonly output: Out
  /** Undefined stands for `Schema.Json`. */
  readonly takes: T | undefined
  readonly auth: AuthMode
  readonly needs: MaskInput | undefined
  readonly title: string | undefined
  readonly description: string | undefined
  readonly deprecated: boolean
  readonly callerOnly: boolean
  readonly route: RouteContract | undefined
  readonly renamedFrom: Former | undefined
}

/** Methods, or functions, by name. */
export type FnDefs = Readonly<Record<string, FnDef>>

/** A type parameter that is inferred from the arguments alone: NoInfer, which stays visible on object types. */
export type Fixed<T> = [T][T extends unknown ? 0 : never]

/**
 * Declares a method or a function.
 *
 * @example
 * ```ts
 * import { fn } from "@portico/schema"
 * import { Schema } from "effect"
 *
 * const createContact = fn({ static: true, params: { email: Schema.String }, returns: Schema.String })
 *
 * // Reads addresses one after another, and says of each, as soon as it knows, whether mail arrives there.
 * const verify = fn({ static: true, input: "stream", takes: Schema.String, output: "stream", returns: Schema.Boolean })
 * ```
 */
export const fn = <
  const P extends ParamFields = {},
  R extends Field = typeof Schema.Void,
  const Static extends boolean = false,
  const In extends Io = "value",
  const Out extends Io = "value",
  T extends Field = typeof Schema.Json
>(
  options: FnOptions<P, R, Static, In, Out, T> = {}
): FnDef<Fixed<P>, Fixed<R>, Fixed<Static>, Fixed<In>, Fixed<Out>, Fixed<T>> =>
  // Boundary: each default is the default of its type parameter. Fixed above keeps TypeScript from reading the
  // parameters off the place that the value is put into (`methods: { … }`), which would widen them.
  ({
    _tag: "Fn",
    static: options.static ?? false,
    params: options.params ?? {},
    returns: options.returns,
    input: options.input ?? "value",
    output: options.output ?? "value",
    takes: options.takes,
    auth: options.auth ?? "required",
    needs: options.needs,
    title: options.title,
    description: options.description,
    deprecated: options.deprecated ?? false,
    callerOnly: options.callerOnly ?? false,
    route: options.route,
    renamedFrom: options.renamedFrom
  }) as FnDef<P, R, Static, In, Out, T>

/** What a caller passes. */
export type CallerParams<F extends FnDef> = F extends FnDef<infer P> ? EncodableFields<P> : never
/** What a handler receives. */
export type HandlerParams<F extends FnDef> = F extends FnDef<infer P> ? DecodedFields<P> : never
/** What a handler returns: a value, values one after another, or bytes, all of them or piece by piece. */
export type HandlerResult<F extends FnDef> =
  F extends FnDef<ParamFields, infer R, boolean, Io, infer Out>
    ? Out extends "value"
      ? EncodableOf<R>
      : Out extends "stream"
        ? Pieces<EncodableOf<R>>
        : Uint8Array | Pieces<Uint8Array>
    : never
/** What a caller receives: a value, the values of a stream, or bytes as they come. */
export type CallerResult<F extends FnDef> =
  F extends FnDef<ParamFields, infer R, boolean, Io, infer Out>
    ? Out extends "value"
      ? DecodedOf<R>
      : AsyncIterable<Out extends "stream" ? DecodedOf<R> : Uint8Array>
    : never
/** One item of what a caller sends; bytes where that is what is read, and `never` where nothing is. */
export type CallerItem<F extends FnDef> = ItemOf<F, "caller">
/** One item of what a handler reads. */
export type HandlerItem<F extends FnDef> = ItemOf<F, "handler">

type ItemOf<F extends FnDef, Side> =
  F extends FnDef<ParamFields, Field, boolean, infer In, Io, infer T>
    ? In extends "value"
      ? never
      : In extends "binary"
        ? Uint8Array
        : Side extends "caller"
          ? EncodableOf<T>
          : DecodedOf<T>
    : never

/** What comes one after another, in the style of promises or in that of Effect. Read no faster than it is wanted. */
export type Pieces<A> = AsyncIterable<A> | Stream.Stream<A, unknown>
