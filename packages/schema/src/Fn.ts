/** Methods and functions as an author declares them: `fn`. */
import type * as Schema from "effect/Schema"
import type { AuthMode, Io, RouteContract } from "./Contract.ts"
import type { Former } from "./Definition.ts"
import type { DecodedFields, DecodedOf, EncodableFields, EncodableOf, Field, ParamFields } from "./Field.ts"
import type { MaskInput } from "./Mask.ts"

export interface FnOptions<
  P extends ParamFields,
  R extends Field,
  Static extends boolean,
  In extends Io,
  Out extends Io
> {
  /** Called on the class and not on a node. */
  readonly static?: Static
  readonly params?: P
  /** The result, or one item of it where `output` is a stream. Nothing (`null` on the wire) unless given. */
  readonly returns?: R
  readonly input?: In
  readonly output?: Out
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
  out Out extends Io = Io
> {
  readonly _tag: "Fn"
  readonly static: Static
  readonly params: P
  /** Undefined stands for `Schema.Void`. */
  readonly returns: R | undefined
  readonly input: In
  readonly output: Out
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
 * ```
 */
export const fn = <
  const P extends ParamFields = {},
  R extends Field = typeof Schema.Void,
  const Static extends boolean = false,
  const In extends Io = "value",
  const Out extends Io = "value"
>(
  options: FnOptions<P, R, Static, In, Out> = {}
): FnDef<Fixed<P>, Fixed<R>, Fixed<Static>, Fixed<In>, Fixed<Out>> =>
  // Boundary: each default is the default of its type parameter. Fixed above keeps TypeScript from reading the
  // parameters off the place that the value is put into (`methods: { … }`), which would widen them.
  ({
    _tag: "Fn",
    static: options.static ?? false,
    params: options.params ?? {},
    returns: options.returns,
    input: options.input ?? "value",
    output: options.output ?? "value",
    auth: options.auth ?? "required",
    needs: options.needs,
    title: options.title,
    description: options.description,
    deprecated: options.deprecated ?? false,
    callerOnly: options.callerOnly ?? false,
    route: options.route,
    renamedFrom: options.renamedFrom
  }) as FnDef<P, R, Static, In, Out>

/** What a caller passes. */
export type CallerParams<F extends FnDef> = F extends FnDef<infer P> ? EncodableFields<P> : never
/** What a handler receives. */
export type HandlerParams<F extends FnDef> = F extends FnDef<infer P> ? DecodedFields<P> : never
/** What a handler returns: a value, a stream of values, or bytes. */
export type HandlerResult<F extends FnDef> =
  F extends FnDef<ParamFields, infer R, boolean, Io, infer Out> ? Shaped<Out, EncodableOf<R>> : never
/** What a caller receives. */
export type CallerResult<F extends FnDef> =
  F extends FnDef<ParamFields, infer R, boolean, Io, infer Out> ? Shaped<Out, DecodedOf<R>> : never

/** A value, a stream of such values, or bytes. */
export type Shaped<Out extends Io, A> = Out extends "value"
  ? A
  : Out extends "stream"
    ? AsyncIterable<A>
    : ReadableStream<Uint8Array>
