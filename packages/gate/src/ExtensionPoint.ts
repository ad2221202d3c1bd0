import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { type CallSite, capture } from "./internal/callsite.ts"

const TypeId = "~@portico/gate/ExtensionPoint"
const ContributionTypeId = "~@portico/gate/Contribution"

/** One contributed value and who gave it. */
export interface Contributed<out A> {
  /** Id of the contributing module. */
  readonly module: string
  readonly value: A
}

/**
 * A live reference to what a product contributes to a point. Hold it, and read `current` on each use: a module that is
 * restarted or degraded takes its values out and puts new ones in.
 */
export interface ExtensionRef<out A> {
  /** In the start order of the contributing modules, then in the order in which each lists them. */
  readonly current: ReadonlyArray<Contributed<A>>
  /**
   * Ids of modules that contribute to the point, but not at the moment: they restart, are degraded, or have not started
   * yet. What is asked of them is UNAVAILABLE, rather than unknown.
   */
  readonly away: ReadonlyArray<string>
  /** Grows with each change of `current` and `away`, so a reader can keep what it derived until then. */
  readonly version: number
  /** Completes when `holds` is true of `current`: at once, or after the change that makes it so. */
  readonly when: (holds: (current: ReadonlyArray<Contributed<A>>) => boolean) => Effect.Effect<void>
}

/** Gives live references to contributions. The framework provides it to every module; none has to require it. */
export class Extensions extends Context.Service<
  Extensions,
  { readonly ref: <A>(point: ExtensionPoint<A>) => ExtensionRef<A> }
>()("@portico/gate/Extensions") {}

/** What the planner must know of a point to find values that collide. */
export interface ExtensionPointOptions<A> {
  readonly description?: string | undefined
  /** The shape of values. A contribution that does not fit is GATE008. */
  readonly schema?: Schema.Schema<A> | undefined
  /** What must differ between two values, for example a migration's id. Two equal ones are GATE012. */
  readonly identityOf?: ((value: A) => string) | undefined
  /** Where identities must differ: in the whole product (the default), or among the values of one module. */
  readonly uniqueIn?: "product" | "module" | undefined
  /** Ids of modules that a value wants to come after. One that is not in the product is GATE012. */
  readonly afterOf?: ((value: A) => ReadonlyArray<string>) | undefined
}

/**
 * A typed place where any module puts values and the owner reads all of them. See {@link extensionPoint}.
 */
export interface ExtensionPoint<in out A> {
  readonly [TypeId]: { readonly _A: (_: A) => A }
  readonly id: string
  /** `framework` points need no owner among the modules; the others are owned by the module that lists them in `owns`. */
  readonly owner: "framework" | "module"
  readonly options: ExtensionPointOptions<A>
  readonly site: CallSite
  /** Contributes a value that is known when the module is declared. */
  readonly of: (value: A) => Contribution<never>
  /**
   * Contributes a value that is made after the module's layer, with its services. `identity` is what `identityOf` will
   * say of it, where that is known before.
   */
  readonly effect: <R>(make: Effect.Effect<A, never, R>, identity?: string) => Contribution<R>
  /** The live reference. The owner takes it once, in its layer. */
  readonly ref: Effect.Effect<ExtensionRef<A>, never, Extensions>
}

export declare namespace ExtensionPoint {
  /** Any point, its values unknown. */
  // The value type is invariant, so no other type than `any` admits every point.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  export type Any = ExtensionPoint<any>
}

/** One value for one point, listed in a module's `contributes`. Made by `point.of` or `point.effect`. */
export interface Contribution<out R = never> {
  readonly [ContributionTypeId]: { readonly _R: () => R }
  readonly point: ExtensionPoint.Any
  readonly content:
    | { readonly _tag: "Value"; readonly value: unknown }
    | {
        readonly _tag: "Effect"
        readonly make: Effect.Effect<unknown, never, R>
        readonly identity: string | undefined
      }
  readonly site: CallSite
}

export declare namespace Contribution {
  export type Any = Contribution<unknown>
  /** The services that a contribution's effect needs. */
  export type Services<C> = C extends Contribution<infer R> ? R : never
}

const contribution = <R>(
  point: ExtensionPoint.Any,
  content: Contribution<R>["content"],
  site: CallSite
): Contribution<R> => ({
  // A phantom: only its type is ever looked at.
  [ContributionTypeId]: { _R: () => undefined as never },
  point,
  content,
  site
})

/** @internal */
export const makePoint = <A>(
  id: string,
  owner: "framework" | "module",
  options: ExtensionPointOptions<A>,
  site: CallSite
): ExtensionPoint<A> => {
  const of = (value: A): Contribution => contribution(point, { _tag: "Value", value }, capture(of))
  const effect = <R>(make: Effect.Effect<A, never, R>, identity?: string): Contribution<R> =>
    contribution<R>(point, { _tag: "Effect", make, identity }, capture(effect))
  const point: ExtensionPoint<A> = {
    [TypeId]: { _A: (value) => value },
    id,
    owner,
    options,
    site,
    of,
    effect,
    ref: Extensions.useSync((extensions) => extensions.ref(point))
  }
  return point
}

/**
 * Declares an extension point. The module that reads it lists it in `owns`.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Gateway } from "@portico/gate"
 *
 * const Tool = Gateway.extensionPoint<{ readonly name: string }>("mcp.tools", { identityOf: (tool) => tool.name })
 *
 * // Any module contributes.
 * const search = Gateway.module.define({ id: "search", displayName: "Search", contributes: [Tool.of({ name: "find" })] })
 *
 * // The owner takes the reference in its layer, and reads it on each use.
 * const toolNames = Effect.map(Tool.ref, (tools) => () => tools.current.map(({ value }) => value.name))
 * ```
 */
export const extensionPoint = <A>(id: string, options: ExtensionPointOptions<A> = {}): ExtensionPoint<A> =>
  makePoint(id, "module", options, capture(extensionPoint))
