import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { Authenticator } from "../../contracts/Authenticator.ts"
import { type AnyTag, define, type Module } from "../../Module.ts"
import { make, type Product } from "../../Product.ts"

const memoMapKey = Layer.CurrentMemoMap.key

/** The services that built fakes hold, by key. */
export const servicesOf = (built: Context.Context<never>): ReadonlyMap<string, unknown> => {
  const services = new Map(built.mapUnsafe)
  services.delete(memoMapKey)
  return services
}

const mentions = (product: Product): ReadonlySet<string> => {
  const keys = new Set<string>()
  for (const module of product.modules) {
    for (const { service } of module.requires) keys.add(service.key)
    for (const { key } of module.provides) keys.add(key)
    if (module.routes.length > 0) keys.add(Authenticator.key)
  }
  return keys
}

/** Fakes that would not replace anything: a slip of the test, which would otherwise test something else in silence. */
export const unusedFakes = (product: Product, fakes: ReadonlyMap<string, unknown>): ReadonlyArray<string> => {
  const known = mentions(product)
  return [...fakes.keys()].filter((key) => !known.has(key))
}

const isReplaced = (module: Module.Any, fakes: ReadonlyMap<string, unknown>): boolean =>
  module.provides.length > 0 && module.provides.every(({ key }) => fakes.has(key))

const withoutFaked = (module: Module.Any, fakes: ReadonlyMap<string, unknown>): Module.Any => ({
  ...module,
  provides: module.provides.filter(({ key }) => !fakes.has(key))
})

/** Id of the module that stands for the fakes in plans and states. */
export const fakesId = "fakes"

/**
 * The product with fakes in the place of what they fake. A module all of whose services are faked is left out with its
 * routes and contributions; the points that it owns are kept. One that also provides something else stays, but its own
 * version of a faked service is used by nobody.
 */
export const withFakes = (product: Product, fakes: ReadonlyMap<string, unknown>): Product => {
  if (fakes.size === 0) return product
  const gone = product.modules.filter((module) => isReplaced(module, fakes))
  const stay = product.modules.filter((module) => !isReplaced(module, fakes))
  const goneIds = new Set(gone.map(({ id }) => id))
  const tags = Array.from(fakes.keys(), (key): AnyTag => Context.Service<never, unknown>(key))
  const stand: Module.Any = {
    ...define({ id: fakesId, displayName: "Fakes" }),
    provides: tags,
    owns: gone.flatMap(({ owns }) => owns),
    layer: Layer.succeedContext(Context.makeUnsafe<unknown>(fakes))
  }
  const modules = [
    stand,
    ...stay.map((module) => ({
      ...withoutFaked(module, fakes),
      after: module.after.map((id) => (goneIds.has(id) ? fakesId : id))
    }))
  ]
  return make({ identity: product.identity, modules })
}
