import type { AnyDomainSchema, AuthMode, FnDef, HandlerParams, HandlerResult } from "@portico/schema"
import type { Authorize, DepsMaker, HandlerContext, HandlerInput, HandlerReturn, SelfNode } from "./Handler.ts"
import { type ImplementationOf, implementation } from "./internal/implementation.ts"

type NodeClasses<S extends AnyDomainSchema> = {
  readonly [K in keyof S["classes"] & string as S["classes"][K] extends { readonly _tag: "NodeClass" }
    ? K
    : never]: S["classes"][K]
}

/** Names of the classes and interfaces that a schema declares. */
export type OwnerName<S extends AnyDomainSchema> = (keyof NodeClasses<S> | keyof S["interfaces"]) & string

/** A class or interface of a schema by name. */
export type OwnerOf<S extends AnyDomainSchema, Name extends string> = Name extends keyof NodeClasses<S>
  ? NodeClasses<S>[Name]
  : Name extends keyof S["interfaces"]
    ? S["interfaces"][Name]
    : never

/** The methods that a class or interface itself declares. */
export type MethodsOf<S extends AnyDomainSchema, Owner extends string> =
  OwnerOf<S, Owner> extends { readonly methods: infer M } ? M : never

/** Names of the methods that a class or interface itself declares. */
export type MethodName<S extends AnyDomainSchema, Owner extends string> = keyof MethodsOf<S, Owner> & string

type FnAt<S extends AnyDomainSchema, Owner extends string, Name extends string> =
  MethodsOf<S, Owner> extends infer M ? (Name extends keyof M ? Extract<M[Name], FnDef> : never) : never

type SelfOf<S extends AnyDomainSchema, Owner extends string, F extends FnDef> = F["static"] extends true
  ? undefined
  : SelfNode<OwnerOf<S, Owner>>

/** What a method's handlers receive. */
export type MethodContext<
  S extends AnyDomainSchema,
  Owner extends string,
  Name extends string,
  Deps = unknown,
  A extends AuthMode = "required"
> = HandlerContext<
  HandlerParams<FnAt<S, Owner, Name>>,
  Deps,
  SelfOf<S, Owner, FnAt<S, Owner, Name>>,
  A,
  HandlerInput<FnAt<S, Owner, Name>>
>

export interface MethodOptions<Context, Result, Deps, A extends AuthMode> {
  /** As in the schema, where that is not `required`; then `kernel`, `caller` and `auth` may be null. */
  readonly auth?: A
  /** The maker of the domain's deps, named here so that `deps` has its type. It is not run by this. */
  // A maker takes whatever environment its domain declares.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly deps?: DepsMaker<any, Deps>
  readonly authorize?: Authorize<Context>
  readonly execute: (context: Context) => HandlerReturn<Result>
}

/** The implementation of one method. Which one is part of its type. */
export interface Method<
  out Origin extends string = string,
  out Owner extends string = string,
  out Name extends string = string,
  in Deps = never
> extends ImplementationOf<Deps> {
  readonly _tag: "Method"
  readonly origin: Origin
  readonly owner: Owner
  readonly name: Name
}

/**
 * Implements a method of a class or interface. `execute` is an async function or returns an Effect; its params and
 * result are typed by the schema, and coded by it on the way in and out. What streams is given as an `AsyncIterable`, for
 * example by an `async function*`, or as a `Stream`, and is run as far as it is read; when that ends, whatever the
 * reason, its finalizers run and `signal` aborts.
 *
 * @example
 * ```ts
 * import { method } from "@portico/domain"
 * import { defineSchema, fn, nodeClass, PorticoError } from "@portico/schema"
 * import * as Schema from "effect/Schema"
 *
 * const Contact = nodeClass({
 *   props: { email: Schema.String },
 *   methods: { rename: fn({ params: { slug: Schema.String }, returns: Schema.String }) }
 * })
 * const schema = defineSchema("crm.example.dev", { classes: { Contact } })
 *
 * const rename = method(schema, "Contact", "rename", {
 *   authorize: ({ auth }) => {
 *     if (auth.principal.name === "guest") throw PorticoError.make("PERMISSION_DENIED", "Guests rename nobody.")
 *   },
 *   execute: async ({ kernel, params, self }) => {
 *     const { path } = await kernel.move(self, { to: "/contacts", slug: params.slug })
 *     return path
 *   }
 * })
 * ```
 */
export const method = <
  S extends AnyDomainSchema,
  const Owner extends OwnerName<S>,
  const Name extends MethodName<S, Owner>,
  Deps = unknown,
  const A extends AuthMode = "required"
>(
  schema: S,
  owner: Owner,
  name: Name,
  options: MethodOptions<MethodContext<S, Owner, Name, Deps, A>, HandlerResult<FnAt<S, Owner, Name>>, Deps, A>
): Method<S["origin"], Owner, Name, Deps> => ({
  _tag: "Method",
  origin: schema.origin,
  owner,
  name,
  ...implementation<Deps>(options)
})

/** One {@link Method} for each method that a class or interface declares itself. */
export type MethodMap<S extends AnyDomainSchema, Owner extends string> = {
  readonly [K in MethodName<S, Owner>]: Method<S["origin"], Owner, K>
}

/** The deps that all of some implementations need. */
export type DepsOf<M> = M[keyof M] extends ImplementationOf<infer Deps> ? Deps : never

/** All methods of one class or interface. */
export interface Methods<
  out Kind extends "class" | "interface" = "class" | "interface",
  out Origin extends string = string,
  out Owner extends string = string,
  in Deps = never
> {
  readonly _tag: "Methods"
  readonly kind: Kind
  readonly origin: Origin
  readonly owner: Owner
  readonly methods: Readonly<Record<string, Method>>
  readonly "~deps"?: (deps: Deps) => void
}

/** A key that the class or interface does not declare is an error where it stands. */
type NoMore<M, Known extends string> = { readonly [K in Exclude<keyof M, Known>]: never }

/**
 * All methods of a class: each one that it declares, and no other. A missing or renamed one does not compile.
 *
 * @example
 * ```ts
 * import { classMethods, defineDomain, method } from "@portico/domain"
 * import { defineSchema, fn, nodeClass } from "@portico/schema"
 * import * as Schema from "effect/Schema"
 *
 * const Contact = nodeClass({ props: { email: Schema.String }, methods: { mail: fn({ returns: Schema.String }) } })
 * const schema = defineSchema("crm.example.dev", { classes: { Contact } })
 *
 * const mail = method(schema, "Contact", "mail", { execute: ({ self }) => `mailto:${self.props.email}` })
 *
 * const crm = defineDomain({ schema, methods: { class: { Contact: classMethods(schema, "Contact", { mail }) } } })
 * ```
 */
export const classMethods = <
  S extends AnyDomainSchema,
  const Owner extends keyof NodeClasses<S> & string,
  const M extends MethodMap<S, Owner>
>(
  schema: S,
  owner: Owner,
  methods: M & NoMore<M, MethodName<S, Owner>>
): Methods<"class", S["origin"], Owner, DepsOf<M>> => ({
  _tag: "Methods",
  kind: "class",
  origin: schema.origin,
  owner,
  methods
})

/** All methods of an interface; see {@link classMethods}. */
export const interfaceMethods = <
  S extends AnyDomainSchema,
  const Owner extends keyof S["interfaces"] & string,
  const M extends MethodMap<S, Owner>
>(
  schema: S,
  owner: Owner,
  methods: M & NoMore<M, MethodName<S, Owner>>
): Methods<"interface", S["origin"], Owner, DepsOf<M>> => ({
  _tag: "Methods",
  kind: "interface",
  origin: schema.origin,
  owner,
  methods
})
