import type { Module } from "../../Module.ts"
import type { PlanOptions } from "../../Plan.ts"
import type { Product } from "../../Product.ts"
import type { SettingsSources } from "../../Settings.ts"

/** What all checks look at. */
export interface Subject {
  readonly product: Product
  /** Modules that take part: switched on, and each listed once. Two of them may still share an id. */
  readonly modules: ReadonlyArray<Module.Any>
  /** Modules that `Gateway.when` switched off. */
  readonly off: ReadonlyArray<Module.Any>
  /** Modules that are listed more than once, each once. */
  readonly repeated: ReadonlyArray<Module.Any>
  /** Modules that are known, but not listed. */
  readonly known: ReadonlyArray<Module.Any>
  readonly sources: SettingsSources
}

export const makeSubject = (product: Product, options: PlanOptions): Subject => {
  const seen = new Set<unknown>()
  const modules: Array<Module.Any> = []
  const repeated: Array<Module.Any> = []
  for (const module of product.modules) {
    if (!module.enabled) continue
    // `Gateway.when` copies a module, but not its declaration.
    if (seen.has(module.site)) {
      repeated.push(module)
      continue
    }
    seen.add(module.site)
    modules.push(module)
  }
  const ids = new Set(product.modules.map((module) => module.id))
  return {
    product,
    modules,
    off: product.modules.filter((module) => !module.enabled),
    repeated: repeated.filter((module, i) => repeated.findIndex((other) => other.site === module.site) === i),
    known: (options.catalogue ?? []).filter((module) => !ids.has(module.id)),
    sources: options.settings ?? {}
  }
}
