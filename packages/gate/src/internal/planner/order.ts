import type { Diagnostic } from "../../Diagnostic.ts"
import type { Module } from "../../Module.ts"
import type { Dependency } from "../../Plan.ts"
import { nearest } from "../suggest.ts"
import { closure, cycles, type Edges, reverse, waves } from "./graph.ts"
import { report } from "./report.ts"
import type { Subject } from "./subject.ts"

/** How the modules of a product wait for each other. Nodes are indices into `modules`. */
export interface Order {
  readonly modules: ReadonlyArray<Module.Any>
  readonly dependencies: ReadonlyArray<ReadonlyArray<Dependency & { readonly node: number }>>
  readonly waves: ReadonlyArray<number | undefined>
  /** Indices by wave, then as listed. Holds every module only if there is no cycle. */
  readonly start: ReadonlyArray<number>
}

export const makeOrder = (modules: ReadonlyArray<Module.Any>, provider: ReadonlyMap<string, Module.Any>): Order => {
  const node = new Map(modules.map((module, i) => [module, i]))
  // The first of two modules with one id is the one that `after` means; the plan is refused anyway.
  const byId = new Map(modules.map((module, i) => [module.id, i] as const).reverse())
  const dependencies = modules.map((module) => {
    const found = new Map<number, Taken>()
    for (const { optional, service } of module.requires) {
      const from = provider.get(service.key)
      const index = from === undefined ? undefined : node.get(from)
      if (index === undefined) continue
      const taken = found.get(index) ?? { services: new Set(), optional: true }
      taken.services.add(service.key)
      found.set(index, { ...taken, optional: taken.optional && optional })
    }
    for (const id of module.after) {
      const index = byId.get(id)
      if (index !== undefined && !found.has(index)) found.set(index, { services: new Set(), optional: false })
    }
    return [...found]
      .sort(([a], [b]) => a - b)
      .map(([index, { optional, services }]) => ({
        node: index,
        module: modules[index]?.id ?? "",
        services: [...services],
        optional
      }))
  })
  const wave = waves(dependencies.map((list) => list.map((dependency) => dependency.node)))
  const start = modules
    .map((_, i) => i)
    .filter((i) => wave[i] !== undefined)
    .sort((a, b) => (wave[a] ?? 0) - (wave[b] ?? 0) || a - b)
  return { modules, dependencies, waves: wave, start }
}

interface Taken {
  readonly services: Set<string>
  readonly optional: boolean
}

/**
 * For each module those that take a service from it, directly or through others. Pure ordering does not count. Only for
 * an order without a cycle.
 */
export const dependents = (order: Order): ReadonlyArray<ReadonlyArray<number>> => {
  const takers: Edges = reverse(
    order.dependencies.map((list) => list.filter(({ services }) => services.length > 0).map(({ node }) => node))
  )
  return closure(takers, order.start.toReversed())
}

/** GATE003, and `after` of modules (GATE012). */
export const checkOrder = (subject: Subject, order: Order): ReadonlyArray<Diagnostic> => [
  ...cycles(order.dependencies.map((list) => list.map(({ node }) => node))).map((cycle) => reportCycle(order, cycle)),
  ...danglingAfter(subject)
]

const reportCycle = (order: Order, cycle: ReadonlyArray<number>): Diagnostic => {
  const modules = cycle.flatMap((node) => order.modules[node] ?? [])
  const ids = modules.map((module) => module.id)
  const arrows = cycle.map((node, i) => {
    const next = cycle[(i + 1) % cycle.length]
    const dependency = order.dependencies[node]?.find((candidate) => candidate.node === next)
    return dependency === undefined || dependency.services.length === 0 ? "after" : dependency.services.join(", ")
  })
  return report("GATE003", "cycle", { walk: [...ids, ...ids.slice(0, 1)], arrows }, { modules })
}

const danglingAfter = (subject: Subject): ReadonlyArray<Diagnostic> => {
  // A module that is switched off needs no waiting for, and is no mistake.
  const ids = new Set(subject.product.modules.map((module) => module.id))
  return subject.modules.flatMap((module) =>
    module.after
      .filter((id) => !ids.has(id))
      .map((id) => {
        const about = { modules: [module], candidates: candidatesForId(subject, id) }
        return report("GATE012", "moduleAfter", { module: module.id, after: id }, about)
      })
  )
}

/** What a module id that names nobody may have meant. */
export const candidatesForId = (subject: Subject, id: string): ReadonlyArray<string> => [
  ...subject.known
    .filter((module) => module.id === id)
    .map((module) => `did you forget to add module "${id}" (${module.displayName})?`),
  ...nearest(
    id,
    subject.modules.map((module) => module.id)
  ).map((other) => `did you mean "${other}"?`)
]
