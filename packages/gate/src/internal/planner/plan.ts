import * as Result from "effect/Result"
import { type Diagnostic, PlanRefused } from "../../Diagnostic.ts"
import type { Module } from "../../Module.ts"
import type {
  Plan,
  PlannedDefinition,
  PlannedModule,
  PlannedRequirement,
  PlannedRoute,
  PlannedService,
  PlanOptions
} from "../../Plan.ts"
import type { Product } from "../../Product.ts"
import { frameworkId } from "../frameworkId.ts"
import { checkCollisions } from "./collisions.ts"
import { checkContributions } from "./contributions.ts"
import { hashPlan } from "./hash.ts"
import { checkIdentity } from "./identity.ts"
import { checkOrder, dependents, makeOrder, type Order } from "./order.ts"
import { checkPaths } from "./paths.ts"
import { checkHandlers, type ExpandedRoute, expandRoutes } from "./routes.ts"
import { checkServices, isGiven, providers } from "./services.ts"
import { checkSettings } from "./settings.ts"
import { makeSubject } from "./subject.ts"
import { checkVersions } from "./versions.ts"

/** Runs every check over the product; makes the plan if none of them found an error. */
export const plan = (product: Product, options: PlanOptions): Result.Result<Plan, PlanRefused> => {
  const subject = makeSubject(product, options)
  const provider = providers(subject.modules)
  const order = makeOrder(subject.modules, provider)
  const started = order.start.flatMap((node) => subject.modules[node] ?? [])
  const expanded = expandRoutes(subject.modules)
  const routes = expanded.flatMap(({ planned }) => planned)
  const paths = checkPaths(expanded)
  const settings = checkSettings(subject)
  const contributions = checkContributions(
    subject,
    started.length === subject.modules.length ? started : subject.modules
  )

  const diagnostics = [
    ...checkIdentity(subject),
    ...checkServices(subject, provider, routes),
    ...checkOrder(subject, order),
    ...checkVersions(subject),
    ...paths.diagnostics,
    ...checkCollisions(paths.routes),
    ...checkHandlers(expanded),
    ...settings.diagnostics,
    ...contributions.diagnostics
  ]
  if (diagnostics.some(({ severity }) => severity === "error")) {
    return Result.fail(new PlanRefused({ product: product.identity.id, diagnostics: errorsFirst(diagnostics) }))
  }

  const modules = plannedModules(order, provider)
  const { description, id, name, version } = product.identity
  const printed = {
    product: { id, name, version, description },
    waves: wavesOf(modules),
    modules,
    services: servicesOf(subject.modules),
    routes: [...routes].sort(byRoute),
    settings: settings.settings,
    extensionPoints: contributions.points,
    contributions: contributions.contributions
  }
  const runtime = {
    product,
    modules: definitions(started, modules, settings.values, expanded),
    framework: settings.framework
  }
  const made: Plan = { ...printed, warnings: diagnostics, hash: hashPlan(printed), runtime }
  return Result.succeed(Object.defineProperty(made, "runtime", { enumerable: false }))
}

/** Stable: within a severity, in the order of the codes. */
const errorsFirst = (diagnostics: ReadonlyArray<Diagnostic>): ReadonlyArray<Diagnostic> =>
  [...diagnostics].sort(
    (a, b) => Number(a.severity === "warning") - Number(b.severity === "warning") || compareText(a.code, b.code)
  )

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const byRoute = (a: PlannedRoute, b: PlannedRoute): number =>
  compareText(b.scope, a.scope) || compareText(a.path, b.path) || compareText(a.method, b.method)

const plannedModules = (order: Order, provider: ReadonlyMap<string, Module.Any>): ReadonlyArray<PlannedModule> => {
  const takers = dependents(order)
  return order.start.flatMap((node) => {
    const module = order.modules[node]
    if (module === undefined) return []
    return {
      id: module.id,
      displayName: module.displayName,
      version: module.version ?? null,
      wave: order.waves[node] ?? 0,
      requires: module.requires.map(
        ({ optional, service }): PlannedRequirement => ({
          service: service.key,
          optional,
          provider: provider.get(service.key)?.id ?? (isGiven(service.key) ? frameworkId : null)
        })
      ),
      provides: module.provides.map(({ key }) => key),
      dependsOn: (order.dependencies[node] ?? []).map(({ module, optional, services }) => ({
        module,
        services,
        optional
      })),
      dependents: (takers[node] ?? []).flatMap((taker) => order.modules[taker]?.id ?? []),
      onBootFailure: module.onBootFailure
    }
  })
}

const wavesOf = (modules: ReadonlyArray<PlannedModule>): ReadonlyArray<ReadonlyArray<string>> => {
  const found: Array<Array<string>> = []
  for (const { id, wave } of modules) {
    const present = found[wave]
    if (present === undefined) found[wave] = [id]
    else present.push(id)
  }
  return found
}

const servicesOf = (modules: ReadonlyArray<Module.Any>): ReadonlyArray<PlannedService> => {
  const requiredBy = new Map<string, Array<string>>()
  for (const { id, requires } of modules) {
    for (const { service } of requires) {
      const present = requiredBy.get(service.key)
      if (present === undefined) requiredBy.set(service.key, [id])
      else present.push(id)
    }
  }
  return modules
    .flatMap(({ id, provides }) =>
      provides.map(({ key }) => ({ key, provider: id, requiredBy: requiredBy.get(key) ?? [] }))
    )
    .sort((a, b) => compareText(a.key, b.key))
}

const definitions = (
  started: ReadonlyArray<Module.Any>,
  planned: ReadonlyArray<PlannedModule>,
  values: ReadonlyMap<Module.Any, unknown>,
  expanded: ReadonlyArray<ExpandedRoute>
): ReadonlyArray<PlannedDefinition> => {
  const routes = new Map<Module.Any, Array<PlannedDefinition["routes"][number]>>(started.map((module) => [module, []]))
  for (const { module, planned, route } of expanded) routes.get(module)?.push({ route, planned })
  return planned.flatMap((planned, i) => {
    const module = started[i]
    if (module === undefined) return []
    return { module, planned, settings: values.get(module), routes: routes.get(module) ?? [] }
  })
}
