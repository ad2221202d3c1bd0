import type * as Context from "effect/Context"
import type * as Layer from "effect/Layer"
import type { Contribution } from "../ExtensionPoint.ts"
import type { AnyTag, ModuleDefinition, ModuleGiven, Optional } from "../Module.ts"
import type { RouteServices } from "../Route.ts"

type Entries<D, K extends string> = D extends { readonly [P in K]: ReadonlyArray<infer T> } ? T : never

type RequiredId<T> = T extends AnyTag ? Context.Service.Identifier<T> : never
type OptionalId<T> = T extends Optional<infer S> ? Context.Service.Identifier<S> : never

/** Identifiers of the services that a definition cannot do without. */
export type RequiredIds<D> = RequiredId<Entries<D, "requires">>
/** Identifiers of the services that a definition can do without. */
type OptionalIds<D> = OptionalId<Entries<D, "requires">>
/** Identifiers of the services that a definition provides. */
export type ProvidedIds<D> = RequiredId<Entries<D, "provides">>

/** The key of a service, for messages. */
export type NameOf<I> = I extends { readonly key: infer K extends string } ? K : "a service that is not a class"

/** Whether a type is `any`: its types were lost, or the import that should bring them failed. */
export type HoldsAny<T> = 0 extends 1 & T ? true : false

/** Whether there is nothing to complain of. */
type IsFine<T> = [T] extends [never] ? true : HoldsAny<T>

type LayerOf<D> = D extends { readonly layer: infer L extends Layer.Any } ? L : never

// Of a layer whose types were lost, everything may be true.
// biome-ignore lint/suspicious/noExplicitAny: see above
type LayerIn<D> = HoldsAny<LayerOf<D>> extends true ? any : Layer.Services<LayerOf<D>>
// biome-ignore lint/suspicious/noExplicitAny: see above
type LayerOut<D> = HoldsAny<LayerOf<D>> extends true ? any : Layer.Success<LayerOf<D>>

/** What a layer may use. */
type Requirable<D> = RequiredIds<D> | ModuleGiven
/** What routes and contributions may use: they come after the layer, so also what it provides. */
type Covered<D> = Requirable<D> | ProvidedIds<D>

type Uncovered<Who extends string, D, Need> =
  IsFine<Need> extends true
    ? unknown
    : Need extends OptionalIds<D>
      ? `${Who} needs ${NameOf<Need>}, which is only optional: read it with Effect.serviceOption`
      : `${Who} needs ${NameOf<Need>}, which is not in its requires`

type Needed<D> =
  | LayerIn<D>
  | RouteServices<Entries<D, "routes">>
  | Contribution.Services<Entries<D, "contributes">>
  | ModuleGiven

type Unneeded<D extends ModuleDefinition, Extra> =
  IsFine<Extra> extends true ? unknown : `module "${D["id"]}" requires ${NameOf<Extra>}, which nothing in it needs`

type Ungiven<D extends ModuleDefinition, Extra> =
  IsFine<Extra> extends true
    ? unknown
    : D extends { readonly layer: Layer.Any }
      ? `layer of module "${D["id"]}" does not give ${NameOf<Extra>}, which is in its provides`
      : `module "${D["id"]}" provides ${NameOf<Extra>}, but has no layer`

type Undeclared<D extends ModuleDefinition, Extra> =
  IsFine<Extra> extends true
    ? unknown
    : `layer of module "${D["id"]}" gives ${NameOf<Extra>}, which is not in its provides`

/** For each part of a definition, `unknown` if it is in order and a sentence if it is not. */
export type CheckDefinition<D extends ModuleDefinition> = {
  readonly [K in Exclude<keyof D, keyof ModuleDefinition>]: {
    readonly problem: `a module definition has no "${K & string}"`
  }
} & {
  readonly requires?: D extends { readonly layer: Layer.Any }
    ? Unneeded<D, Exclude<RequiredIds<D>, Needed<D>>>
    : unknown
  readonly provides?: Ungiven<D, Exclude<ProvidedIds<D>, LayerOut<D>>>
  readonly layer?: Undeclared<D, Exclude<LayerOut<D>, ProvidedIds<D>>> &
    Uncovered<`layer of module "${D["id"]}"`, D, Exclude<LayerIn<D>, Requirable<D>>>
  readonly routes?: Uncovered<
    `a route of module "${D["id"]}"`,
    D,
    Exclude<RouteServices<Entries<D, "routes">>, Covered<D>>
  >
  readonly contributes?: Uncovered<
    `a contribution of module "${D["id"]}"`,
    D,
    Exclude<Contribution.Services<Entries<D, "contributes">>, Covered<D>>
  >
}
