import type { AnyDomainSchema, DomainContract, ErrorCode, FnDef, PermName, PorticoError } from "@portico/schema"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { DepsMaker } from "./Handler.ts"
import type { CallableName, Invocation } from "./Invocation.ts"
import { makeDomain } from "./internal/makeDomain.ts"
import type { Methods } from "./Method.ts"
import type { RemoteFunction } from "./RemoteFunction.ts"

export { DomainDefinitionError } from "./internal/problems.ts"

/** The schema of an environment: what each variable holds. Secrets are `Schema.Redacted(Schema.String)`. */
export type EnvSchema<Env = unknown> = Schema.ConstraintCodec<Env, unknown, never, never>

/** Bits: a mask, or a list of names or of `READ`, `EDIT`, `USE`, `SHARE`. */
export type PermsOption = number | ReadonlyArray<PermName | number>

type OwnersWithMethods<Owners> = {
  [K in keyof Owners & string]: Owners[K] extends {
    readonly _tag: "NodeClass" | "Interface"
    readonly methods: infer M
  }
    ? keyof M extends never
      ? never
      : K
    : never
}[keyof Owners & string]

type OptionalIfEmpty<Kind extends string, T> = keyof T extends never
  ? { readonly [K in Kind]?: {} }
  : { readonly [K in Kind]: T }

/** One entry for each class and interface that declares methods. A missing or renamed one does not compile. */
export type MethodsOption<S extends AnyDomainSchema, Deps> = OptionalIfEmpty<
  "class",
  { readonly [K in OwnersWithMethods<S["classes"]>]: Methods<"class", S["origin"], K, Deps> }
> &
  OptionalIfEmpty<
    "interface",
    { readonly [K in OwnersWithMethods<S["interfaces"]>]: Methods<"interface", S["origin"], K, Deps> }
  >

/** One implementation for each function that the schema declares; others bring contracts of their own. */
export type FunctionsOption<S extends AnyDomainSchema, Deps> = {
  readonly [K in keyof S["functions"] & string]: RemoteFunction<S["origin"], K, Deps>
}

type RequiredUnlessEmpty<Key extends string, Owners, T> = [Owners] extends [never]
  ? { readonly [K in Key]?: T }
  : { readonly [K in Key]: T }

/** What {@link defineDomain} takes. */
export type DomainOptions<S extends AnyDomainSchema, F, Env, Deps> = {
  readonly schema: S
  /** A semantic version, for people. */
  readonly version?: string
  /** Which variables the domain reads, and what they hold. Checked when its host starts it. */
  readonly env?: EnvSchema<Env>
  /** Makes what handlers work with, once, when the first of them runs. */
  readonly deps?: DepsMaker<Env, Deps>
  /** Origins of domains that must be installed before. */
  readonly requires?: ReadonlyArray<string>
  /** Folders made at install, of which the domain gets every bit. Refused if another owns one. */
  readonly owns?: ReadonlyArray<string>
  /** How far it may use its callers' authority. Nothing unless declared; never SHARE. */
  readonly acts?: { readonly nodes: ReadonlyArray<string>; readonly perms: PermsOption }
  /** Bits on its own schema. READ and USE to `authenticated` unless told; `{ authenticated: [] }` is nothing to anybody. */
  readonly grants?: { readonly everyone?: PermsOption; readonly authenticated?: PermsOption }
  /** Runs after every install, as the domain itself; must be idempotent. One of `functions`, or `"class.X:seed"`. */
  readonly postInstall?: RemoteFunction | string
} & RequiredUnlessEmpty<
  "methods",
  OwnersWithMethods<S["classes"]> | OwnersWithMethods<S["interfaces"]>,
  MethodsOption<S, NoInfer<Deps>>
> &
  RequiredUnlessEmpty<"functions", keyof S["functions"], F & NoInfer<CheckFunctions<S, F, Deps>>>

/** What is wrong with `functions`, at the key where it is wrong. */
export type CheckFunctions<S extends AnyDomainSchema, F, Deps> = FunctionsOption<S, Deps> & {
  readonly [K in Exclude<keyof F, keyof S["functions"]>]: RemoteFunction<undefined, undefined, Deps>
}

/** What an install has to know of a domain. */
export interface DomainBundle {
  readonly contract: DomainContract
  readonly contractId: string
  readonly version?: string
  readonly requires: ReadonlyArray<string>
  readonly owns: ReadonlyArray<string>
  readonly acts: { readonly nodes: ReadonlyArray<string>; readonly perms: number } | null
  readonly grants: { readonly everyone?: number; readonly authenticated?: number }
  readonly postInstall: string | null
}

/** A function of a domain, as its host mounts it. */
export interface FunctionHandle {
  readonly slug: string
  readonly definition: FnDef
}

/** A domain: its contract and its code. Nothing of it runs until a host asks. */
export interface DomainDefinition<out S extends AnyDomainSchema = AnyDomainSchema> {
  readonly _tag: "DomainDefinition"
  readonly origin: S["origin"]
  readonly version: string | undefined
  /** The author's schema. The contract in `bundle` has the functions too that bring contracts of their own. */
  readonly schema: S
  readonly bundle: DomainBundle
  readonly functions: ReadonlyArray<FunctionHandle>
  /**
   * Checks the environment and makes the deps. Fails with UNAVAILABLE; the message names each variable that is
   * missing or wrong, never its value. Finalizers of the deps run when the scope closes.
   */
  readonly makeDeps: (
    env: Readonly<Record<string, string | undefined>>
  ) => Effect.Effect<unknown, PorticoError<ErrorCode>, Scope.Scope>
  /** The first half of {@link makeDeps}: only looks at the environment. */
  readonly checkEnv: (
    env: Readonly<Record<string, string | undefined>>
  ) => Effect.Effect<unknown, PorticoError<ErrorCode>>
  /**
   * Runs a callable: decodes its params, authorizes, executes, encodes its result. What it throws or fails with keeps
   * its code if it is a `PorticoError`; everything else is INTERNAL, and its cause is logged and not told. Of one that
   * streams the result is a `Stream` of JSON or of bytes, which fails in the same way. The scope is that of the call:
   * while it is open the stream may be read, once, and when it closes the handler's signal aborts. An iterable that the
   * handler gave is asked to end first, and waited for up to three seconds.
   */
  readonly invoke: (
    callable: CallableName,
    invocation: Invocation
  ) => Effect.Effect<unknown, PorticoError<ErrorCode>, Scope.Scope>
}

/**
 * Puts a domain together. Every method and function of the schema has to be there under its own name; what cannot be
 * seen by the compiler is checked here, and a `DomainDefinitionError` names all that is wrong at once.
 *
 * @example
 * ```ts
 * import { defineDomain, defineRemoteFunction } from "@portico/domain"
 * import { defineSchema } from "@portico/schema"
 * import * as Schema from "effect/Schema"
 *
 * const greet = defineRemoteFunction({
 *   params: { name: Schema.String },
 *   returns: Schema.String,
 *   execute: async ({ params }) => `Hello, ${params.name}.`
 * })
 *
 * const domain = defineDomain({ schema: defineSchema("hello.example.dev", {}), functions: { greet } })
 * console.log(domain.bundle.contractId)
 * ```
 */
export const defineDomain = <
  S extends AnyDomainSchema,
  const F extends Readonly<Record<string, RemoteFunction>> = {},
  Env = {},
  Deps = unknown
>(
  options: DomainOptions<S, F, Env, Deps>
): DomainDefinition<S> => makeDomain(options)
