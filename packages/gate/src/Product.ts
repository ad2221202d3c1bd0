import { type CallSite, capture } from "./internal/callsite.ts"
import type { HoldsAny, NameOf } from "./internal/checkDefinition.ts"
import type { ConditionalModule, Module, ModuleGiven } from "./Module.ts"

const TypeId = "~@portico/gate/Product"

/** Who a product is. */
export interface ProductIdentity {
  /** Lower case words joined by `-`. */
  readonly id: string
  readonly name: string
  readonly description?: string | undefined
  readonly version?: string | undefined
}

/** A list of modules with a name. Made by {@link make}; nothing runs until it is started. */
export interface Product<out Modules extends ReadonlyArray<Module.Any> = ReadonlyArray<Module.Any>> {
  readonly [TypeId]: typeof TypeId
  readonly identity: ProductIdentity
  readonly modules: Modules
  readonly site: CallSite
}

type Missing<M, Provided> = [Exclude<Module.Requires<M>, Provided | ModuleGiven>] extends [never]
  ? unknown
  : M extends Module<infer Id, unknown, unknown>
    ? `module "${Id}" needs ${NameOf<Exclude<Module.Requires<M>, Provided | ModuleGiven>>}, which no module of this product provides`
    : never

type Twice<M, Seen> = [Extract<ProvidedNow<M>, Seen>] extends [never]
  ? unknown
  : M extends Module<infer Id, unknown, unknown>
    ? `module "${Id}" provides ${NameOf<Extract<ProvidedNow<M>, Seen>>}, which an earlier module of this product provides already`
    : never

/** What a module surely provides: nothing is known of one that is conditional, or whose types were lost. */
type ProvidedNow<M> = M extends ConditionalModule
  ? never
  : unknown extends Module.Provides<M>
    ? never
    : Module.Provides<M>

type CheckEach<
  Modules extends ReadonlyArray<unknown>,
  Provided,
  Seen = never,
  Out extends ReadonlyArray<unknown> = readonly []
> = Modules extends readonly [infer M, ...infer Rest]
  ? CheckEach<Rest, Provided, Seen | ProvidedNow<M>, readonly [...Out, Missing<M, Provided> & Twice<M, Seen>]>
  : Out

/** @internal `unknown` for each module that is in order, a sentence for the others. */
export type CheckModules<Modules extends ReadonlyArray<Module.Any>> = number extends Modules["length"]
  ? unknown
  : HoldsAny<Modules[number]> extends true
    ? unknown
    : CheckEach<Modules, Module.Provides<Modules[number]>>

/**
 * Composes a product. A module that needs a service none of them provides is a compile error that names both; a list
 * whose types were lost is checked by the plan instead.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 *
 * const HelloModule = Gateway.module.define({ id: "hello", displayName: "Hello" })
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [HelloModule]
 * })
 * ```
 */
export const make = <const Modules extends ReadonlyArray<Module.Any>>(options: {
  readonly identity: ProductIdentity
  readonly modules: Modules & CheckModules<Modules>
}): Product<Modules> => ({
  [TypeId]: TypeId,
  identity: options.identity,
  modules: options.modules,
  site: capture(make)
})
