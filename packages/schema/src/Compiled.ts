/** `compileDomain`: the typed handles `D.Contact.email.key`, `D.Contact.assign`, `D.works_on.role.key`. */
import type { Codec } from "./Codec.ts"
import type { CallableContract } from "./Contract.ts"
import type { AnyInterface, AnyNodeClass, EdgeClassDef } from "./Definition.ts"
import type { AnyDomainSchema } from "./DomainSchema.ts"
import type { DecodedFields, DecodedOf, EncodableFields, EncodableOf, Field, PropFields } from "./Field.ts"
import type {
  CallerItem,
  CallerParams,
  CallerResult,
  FnDef,
  FnDefs,
  HandlerItem,
  HandlerParams,
  HandlerResult
} from "./Fn.ts"
import { makeCompiled } from "./internal/makeCompiled.ts"

/** A property of a class, interface or edge class. */
export interface Prop<out F extends Field = Field, out Key extends string = string> {
  readonly _tag: "Prop"
  readonly name: string
  /** `crm.example.dev:class.Contact.property.email`: how answers name it. */
  readonly key: Key
  readonly definition: F
  readonly codec: Codec<EncodableOf<F>, DecodedOf<F>>
}

/** Any method or function. */
export interface AnyCallable {
  readonly _tag: "Callable"
  readonly kind: "method" | "function"
  readonly name: string
  /** True for functions too: neither has a self. */
  readonly static: boolean
  /** `/:crm.example.dev:class.Contact:assign` or `/:crm.example.dev:function.seed`. Instance methods need a `self`. */
  readonly path: string
  /** The class or interface that declares it. */
  readonly owner: string | undefined
  /** The interface, `origin:interface.Name`, where two interfaces of the class have a method of this name. */
  readonly qualifier: string | undefined
  readonly definition: FnDef
  readonly contract: CallableContract
  readonly params: Codec<never, unknown>
  /** Of the value, or of one item of the stream. */
  readonly result: Codec<never, unknown>
  /** Of one item of what it reads, where its input is a stream. */
  readonly takes: Codec<never, unknown>
}

/** A method or function, typed by its params and result. */
export interface Callable<out F extends FnDef = FnDef, out Static extends boolean = F["static"]> extends AnyCallable {
  readonly static: Static
  readonly definition: F
  readonly params: Codec<CallerParams<F>, HandlerParams<F>>
  readonly result: F extends FnDef<infer _P, infer R> ? Codec<EncodableOf<R>, DecodedOf<R>> : never
  readonly takes: Codec<CallerItem<F>, HandlerItem<F>>
}

type HasFn = FnDef | { readonly definition: FnDef }
type FnOf<C extends HasFn> = C extends FnDef ? C : C extends { readonly definition: infer F extends FnDef } ? F : never

/** What a caller passes to a callable (`D.Contact.assign` or an `fn`). */
export type ParamsOf<C extends HasFn> = CallerParams<FnOf<C>>
/** What a caller gets from it: a value, an `AsyncIterable` of values, or one of bytes. */
export type ResultOf<C extends HasFn> = CallerResult<FnOf<C>>
/** One item of what a caller sends it, where it reads a stream; bytes where it reads these. */
export type ItemOf<C extends HasFn> = CallerItem<FnOf<C>>
/** What its handler receives. */
export type HandlerParamsOf<C extends HasFn> = HandlerParams<FnOf<C>>
/** What its handler returns. */
export type HandlerResultOf<C extends HasFn> = HandlerResult<FnOf<C>>
/** One item of what its handler reads. */
export type HandlerItemOf<C extends HasFn> = HandlerItem<FnOf<C>>

type RefOf<Def> = Def extends { readonly ref: infer R extends string } ? R : string

type PropTokens<P, Ref extends string> = {
  readonly [K in keyof P & string]: P[K] extends Field ? Prop<P[K], `${Ref}.property.${K}`> : never
}
type MethodTokens<M> = { readonly [K in keyof M & string]: M[K] extends FnDef ? Callable<M[K]> : never }

type InterfaceMembers<Def> = Def extends {
  readonly props: infer P
  readonly methods: infer M
  readonly extends: infer E
}
  ? PropTokens<P, RefOf<Def>> & MethodTokens<M> & Inherited<E>
  : {}
type Inherited<I> = I extends readonly [infer H, ...infer T] ? InterfaceMembers<H> & Inherited<T> : {}

interface Handle<Ref extends string, Def> {
  /** `crm.example.dev:class.Contact` */
  readonly ref: Ref
  readonly "~definition": Def
}

export interface ClassPath<Ref extends string = string> {
  /** `raw`: the address, `/:crm.example.dev:class.Contact`. */
  readonly class: { readonly raw: `/:${Ref}` }
}
export interface InterfacePath<Ref extends string = string> {
  readonly interface: { readonly raw: `/:${Ref}` }
}

/** A node class: its reference, its address, and one member for each property and method, inherited ones too. */
export type CompiledClass<Ref extends string = string, Def extends AnyNodeClass = AnyNodeClass> = Handle<Ref, Def> & {
  readonly path: ClassPath<Ref>
} & PropTokens<Def["props"], Ref> &
  MethodTokens<Def["methods"]> &
  Omit<Inherited<Def["implements"]>, keyof Def["methods"]>

export type CompiledInterface<Ref extends string = string, Def extends AnyInterface = AnyInterface> = Handle<
  Ref,
  Def
> & { readonly path: InterfacePath<Ref> } & InterfaceMembers<Def & { readonly ref: Ref }>

export type CompiledEdge<Ref extends string = string, Def extends EdgeClassDef = EdgeClassDef> = Handle<Ref, Def> & {
  readonly path: ClassPath<Ref>
} & PropTokens<Def["props"], Ref>

/** Any compiled node class, interface or edge class. */
export interface AnyClass {
  readonly ref: string
  readonly path: ClassPath
  readonly "~definition": AnyNodeClass
}
export interface AnyEdge {
  readonly ref: string
  readonly path: ClassPath
  readonly "~definition": EdgeClassDef
}

type CompiledMember<Ref extends string, Def> = Def extends AnyNodeClass
  ? CompiledClass<Ref, Def>
  : Def extends EdgeClassDef
    ? CompiledEdge<Ref, Def>
    : never

export type CompiledFunctions<F extends FnDefs> = { readonly [K in keyof F & string]: Callable<F[K], true> }

export type CompiledDomain<S extends AnyDomainSchema> = {
  readonly origin: S["origin"]
  readonly schema: S
  readonly functions: CompiledFunctions<S["functions"]>
  /** Addresses of the views. */
  readonly views: { readonly [K in keyof S["views"] & string]: `/:${S["origin"]}:view.${K}` }
} & {
  readonly [K in keyof S["interfaces"] & string]: CompiledInterface<`${S["origin"]}:interface.${K}`, S["interfaces"][K]>
} & {
  readonly [K in keyof S["classes"] & string]: CompiledMember<`${S["origin"]}:class.${K}`, S["classes"][K]>
}

type AllFields<Def> = Def extends { readonly props: infer P; readonly implements: infer I }
  ? P & InheritedFields<I>
  : Def extends { readonly props: infer P; readonly extends: infer E }
    ? P & InheritedFields<E>
    : Def extends { readonly props: infer P }
      ? P
      : {}
type InheritedFields<I> = I extends readonly [infer H, ...infer T] ? AllFields<H> & InheritedFields<T> : {}
type DefOf<C> = C extends { readonly "~definition": infer Def } ? Def : C

/** The properties of a class or edge class by short name, as they are given when one is made. */
export type NewPropsOf<C> = EncodableFields<AllFields<DefOf<C>>>
/** The properties of a class or edge class by short name, as they are read. */
export type PropsOf<C> = DecodedFields<AllFields<DefOf<C>>>
export type { PropFields }

/**
 * Compiles a schema to its typed handles. Members are made when they are first asked for.
 *
 * @example
 * ```ts
 * import { compileDomain, defineSchema, nodeClass } from "@portico/schema"
 * import { Schema } from "effect"
 *
 * const Contact = nodeClass({ props: { email: Schema.String } })
 * const D = compileDomain(defineSchema("crm.example.dev", { classes: { Contact } }))
 * console.log(D.Contact.email.key) // crm.example.dev:class.Contact.property.email
 * ```
 */
export const compileDomain = <S extends AnyDomainSchema>(schema: S): CompiledDomain<S> => makeCompiled(schema)
