import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { Authenticator } from "../../contracts/Authenticator.ts"
import { Observability } from "../../contracts/Observability.ts"
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
  // The framework itself uses it where it is there.
  const keys = new Set<string>([Observability.key])
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

/** A module in name only: what comes after it or contributes to its points goes on to work. */
export const hollow = (id: string, owns: Module.Any["owns"] = []): Module.Any => ({
  ...define({ id, displayName: id }),
  owns
})

/** A product with fakes in it, and the ids of modules that are only there in name. */
export interface FakedProduct {
  readonly product: Product
  readonly hollow: ReadonlySet<string>
}

/**
 * The product with fakes in the place of what they fake. Of a module all of whose services are faked only the name and
 * the points that it owns are left. One that also provides something else stays, but its own version of a faked service
 * is used by nobody.
 */
export const withFakes = (product: Product, fakes: ReadonlyMap<string, unknown>): FakedProduct => {
  if (fakes.size === 0) return { product, hollow: new Set() }
  const replaced = product.modules.filter((module) => isReplaced(module, fakes))
  const tags = Array.from(fakes.keys(), (key): AnyTag => Context.Service<never, unknown>(key))
  const stand: Module.Any = {
    ...hollow(fakesId),
    provides: tags,
    layer: Layer.succeedContext(Context.makeUnsafe<unknown>(fakes))
  }
  const modules = product.modules.map((module) =>
    isReplaced(module, fakes) ? hollow(module.id, module.owns) : withoutFaked(module, fakes)
  )
  return {
    product: make({ identity: product.identity, modules: [stand, ...modules] }),
    hollow: new Set([fakesId, ...replaced.map(({ id }) => id)])
  }
}

/** Modules in name only for all that `module` mentions but does not bring, so that it can be planned alone. */
export const companions = (module: Module.Any): ReadonlyArray<Module.Any> => {
  const ids = new Set(module.after)
  const points = new Map<string, Module.Any["owns"][number]>()
  for (const { content, point } of module.contributes) {
    if (point.owner === "module" && !module.owns.some(({ id }) => id === point.id)) points.set(point.id, point)
    const afterOf = point.options.afterOf
    if (content._tag === "Value" && afterOf !== undefined) for (const id of afterOf(content.value)) ids.add(id)
  }
  ids.delete(module.id)
  const owner = points.size === 0 ? [] : [hollow("points", [...points.values()])]
  return [...owner, ...Array.from(ids, (id) => hollow(id))]
}
