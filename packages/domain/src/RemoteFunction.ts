import type {
  AnyDomainSchema,
  AuthMode,
  Field,
  FnDef,
  FnOptions,
  HandlerParams,
  HandlerResult,
  Io,
  ParamFields
} from "@portico/schema"
import { fn } from "@portico/schema"
import type * as Schema from "effect/Schema"
import type { Authorize, DepsMaker, HandlerContext, HandlerInput, HandlerReturn } from "./Handler.ts"
import { type ImplementationOf, implementation } from "./internal/implementation.ts"

/** What a function's handlers receive. */
export type FunctionContext<F extends FnDef, Deps = unknown, A extends AuthMode = "required"> = HandlerContext<
  HandlerParams<F>,
  Deps,
  undefined,
  A,
  HandlerInput<F>
>

interface Handlers<F extends FnDef, Deps, A extends AuthMode> {
  /** The maker of the domain's deps, named here so that `deps` has its type. It is not run by this. */
  // A maker takes whatever environment its domain declares.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly deps?: DepsMaker<any, Deps>
  readonly authorize?: Authorize<FunctionContext<F, Deps, A>>
  /**
   * A `Response` is sent as it is; any other value is coded by the schema and sent as `{ result }`, and what streams as
   * `POST /api/call` sends it.
   */
  readonly execute: (
    context: FunctionContext<F, Deps, A>
  ) => HandlerReturn<HandlerResult<F> | (F extends { readonly output: "value" } ? Response : never)>
}

/** A function with its own contract: what {@link fn} takes, and the handlers. */
export interface RemoteFunctionOptions<
  P extends ParamFields,
  R extends Field,
  In extends Io,
  Out extends Io,
  T extends Field,
  Deps,
  A extends AuthMode
> extends Omit<FnOptions<P, R, false, In, Out, T>, "static" | "needs" | "auth" | "callerOnly">,
    Handlers<FnDef<P, R, false, In, Out, T>, Deps, A> {
  /** `required` unless given. `public` functions need no USE: anybody may call their URL. */
  readonly auth?: A
}

/** The implementation of a function that the schema declares. */
export interface DeclaredFunctionOptions<F extends FnDef, Deps, A extends AuthMode> extends Handlers<F, Deps, A> {
  /** As in the schema, where that is not `required`; then `kernel`, `caller` and `auth` may be null. */
  readonly auth?: A
}

/** A function with its implementation. `Slug` is the name in the schema, or undefined for one with its own contract. */
export interface RemoteFunction<
  out Origin extends string | undefined = string | undefined,
  out Slug extends string | undefined = string | undefined,
  in Deps = never
> extends ImplementationOf<Deps> {
  readonly _tag: "RemoteFunction"
  readonly origin: Origin
  readonly slug: Slug
  /** Undefined where the schema has it. */
  readonly definition: FnDef | undefined
}

/**
 * A function of a domain: a webhook, a seed, a job. Either with its own contract, which `defineDomain` adds to the
 * schema's, or as the implementation of one that the schema declares (`defineRemoteFunction(schema, "seed", { … })`).
 *
 * It answers at `POST /d/<origin>/functions/<slug>` or where its `route` says, and to `kernel.call`.
 *
 * @example
 * ```ts
 * import { defineRemoteFunction } from "@portico/domain"
 * import * as Schema from "effect/Schema"
 *
 * const ping = defineRemoteFunction({
 *   auth: "public",
 *   returns: Schema.String,
 *   execute: async ({ request }) => `${request?.body.length ?? 0} bytes`
 * })
 * ```
 */
export const defineRemoteFunction: {
  <
    const P extends ParamFields = {},
    R extends Field = typeof Schema.Void,
    const In extends Io = "value",
    const Out extends Io = "value",
    T extends Field = typeof Schema.Json,
    Deps = unknown,
    const A extends AuthMode = "required"
  >(
    options: RemoteFunctionOptions<P, R, In, Out, T, Deps, A>
  ): RemoteFunction<undefined, undefined, Deps>
  <
    S extends AnyDomainSchema,
    const Slug extends keyof S["functions"] & string,
    Deps = unknown,
    const A extends AuthMode = "required"
  >(
    schema: S,
    slug: Slug,
    options: DeclaredFunctionOptions<S["functions"][Slug], Deps, A>
  ): RemoteFunction<S["origin"], Slug, Deps>
} = (...args: ReadonlyArray<unknown>) => (args.length === 1 ? standalone(args[0]) : declared(args))

// Boundary: the overloads above say what the arguments are.
const standalone = (options: unknown): RemoteFunction<undefined, undefined, unknown> => {
  const { authorize, deps, execute, ...contract } = options as RemoteFunctionOptions<
    ParamFields,
    Field,
    Io,
    Io,
    Field,
    unknown,
    AuthMode
  >
  const callerOnly = typeof authorize === "object"
  return {
    _tag: "RemoteFunction",
    origin: undefined,
    slug: undefined,
    definition: fn({ ...contract, ...(callerOnly ? { callerOnly } : undefined) }),
    ...implementation<unknown>({
      authorize,
      execute,
      ...(contract.auth === undefined ? undefined : { auth: contract.auth })
    })
  }
}

const declared = (args: ReadonlyArray<unknown>): RemoteFunction<never, never, unknown> => {
  const [schema, slug, options] = args as [AnyDomainSchema, string, DeclaredFunctionOptions<FnDef, unknown, AuthMode>]
  return {
    _tag: "RemoteFunction",
    origin: schema.origin as never,
    slug: slug as never,
    definition: undefined,
    ...implementation<unknown>(options)
  }
}
