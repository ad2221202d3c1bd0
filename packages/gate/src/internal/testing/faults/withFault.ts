import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { Module } from "../../../Module.ts"
import type { Product } from "../../../Product.ts"

/** What can be made to go wrong with a module, in words that follow its name. */
export const moduleFaults = {
  fails: "does not start: it fails when it has acquired everything",
  hangs: "does not start: it hangs when it has acquired everything",
  neverReleases: "does not stop: it hangs when it has released everything",
  breaksAtRelease: "does not stop: it breaks when it has released everything"
} as const

/** One of the keys of {@link moduleFaults}. */
export type ModuleFault = keyof typeof moduleFaults

/** Why a module that was made to fail did so. */
export class InjectedFault extends Data.TaggedError("InjectedFault")<{ readonly message: string }> {}

const injected = (module: string): InjectedFault =>
  new InjectedFault({ message: `the fault of "${module}" is part of the test` })

type Faulty = (id: string, scope: Scope.Scope, reached: Effect.Effect<void>) => Effect.Effect<void, InjectedFault>

// What is done before the module's own layer is built comes last when it is released.
const before: Readonly<Record<ModuleFault, Faulty>> = {
  fails: () => Effect.void,
  hangs: () => Effect.void,
  neverReleases: (_, scope, reached) => Scope.addFinalizer(scope, Effect.andThen(reached, Effect.never)),
  breaksAtRelease: (id, scope, reached) => Scope.addFinalizer(scope, Effect.andThen(reached, Effect.die(injected(id))))
}

const after: Readonly<Record<ModuleFault, Faulty>> = {
  fails: (id, _, reached) => Effect.andThen(reached, Effect.fail(injected(id))),
  hangs: (_id, _scope, reached) => Effect.andThen(reached, Effect.never),
  neverReleases: () => Effect.void,
  breaksAtRelease: () => Effect.void
}

const nothing = Context.makeUnsafe<unknown>(new Map())

/** The module with something done around the building of its layer, which it need not have. */
export const around = (
  module: Module.Any,
  first: (scope: Scope.Scope) => Effect.Effect<void, InjectedFault>,
  then: (scope: Scope.Scope) => Effect.Effect<void, InjectedFault> = () => Effect.void
): Module.Any => {
  const { layer } = module
  return {
    ...module,
    layer: Layer.fromBuild((memoMap, scope) => {
      const built = layer === undefined ? Effect.succeed(nothing) : Layer.buildWithMemoMap(layer, memoMap, scope)
      return Effect.andThen(
        first(scope),
        Effect.tap(built, () => then(scope))
      )
    })
  }
}

/** The product with its module `id` replaced. */
export const replaceModule = (product: Product, id: string, replace: (module: Module.Any) => Module.Any): Product => {
  if (!product.modules.some((module) => module.id === id)) throw new Error(`The product has no module "${id}".`)
  return { ...product, modules: product.modules.map((module) => (module.id === id ? replace(module) : module)) }
}

/** See `withFault` of `@portico/gate/testing`; `reached` runs when the fault shows. */
export const makeFaulty = (
  product: Product,
  id: string,
  fault: ModuleFault,
  reached: Effect.Effect<void> = Effect.void
): Product =>
  replaceModule(product, id, (module) =>
    around(
      module,
      (scope) => before[fault](id, scope, reached),
      (scope) => after[fault](id, scope, reached)
    )
  )
