import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Scope from "effect/Scope"
import { Authenticator } from "../../contracts/Authenticator.ts"
import type { Diagnostic } from "../../Diagnostic.ts"
import { Extensions } from "../../ExtensionPoint.ts"
import type { AnyTag, Module } from "../../Module.ts"
import type { PlannedRoute } from "../../Plan.ts"
import { FrameworkSettings, ModuleSettings } from "../../Settings.ts"
import { nearest } from "../suggest.ts"
import { report } from "./report.ts"
import { routeName } from "./routes.ts"
import type { Subject } from "./subject.ts"

/** Keys of what the framework gives to every module: the run-time side of `ModuleGiven`. */
const given: ReadonlySet<string> = new Set(
  [Scope.Scope, Extensions, FrameworkSettings, ModuleSettings, FileSystem.FileSystem, Path.Path].map((tag) => tag.key)
)

export const isGiven = (key: string): boolean => given.has(key)

/** Each service's provider: the first module that lists it. */
export const providers = (modules: ReadonlyArray<Module.Any>): ReadonlyMap<string, Module.Any> => {
  const found = new Map<string, Module.Any>()
  for (const module of modules) {
    for (const { key } of module.provides) if (!found.has(key)) found.set(key, module)
  }
  return found
}

/** GATE002 and GATE004. */
export const checkServices = (
  subject: Subject,
  provider: ReadonlyMap<string, Module.Any>,
  routes: ReadonlyArray<PlannedRoute>
): ReadonlyArray<Diagnostic> => [
  ...missing(subject, provider),
  ...missingAuthenticator(subject, provider, routes),
  ...twice(subject.modules, provider)
]

const missing = (subject: Subject, provider: ReadonlyMap<string, Module.Any>): ReadonlyArray<Diagnostic> =>
  subject.modules.flatMap((module) =>
    module.requires
      .filter(({ optional, service }) => !optional && !provider.has(service.key) && !isGiven(service.key))
      .map(({ service }) =>
        report(
          "GATE002",
          "service",
          { module: module.id, service: service.key },
          { modules: [module], candidates: candidates(subject, provider, service) }
        )
      )
  )

/** A handled route that is not open to everybody needs somebody who can tell callers apart. */
const missingAuthenticator = (
  subject: Subject,
  provider: ReadonlyMap<string, Module.Any>,
  routes: ReadonlyArray<PlannedRoute>
): ReadonlyArray<Diagnostic> => {
  const { key } = Authenticator
  if (provider.has(key)) return []
  const guarded = new Map<string, Array<PlannedRoute>>(subject.modules.map((module) => [module.id, []]))
  for (const route of routes) {
    if (route.handled && (route.scope === "internal" || route.auth !== "public")) guarded.get(route.module)?.push(route)
  }
  return subject.modules.flatMap((module) => {
    const needing = guarded.get(module.id) ?? []
    const [first] = needing
    if (first === undefined) return []
    const auth = first.scope === "internal" ? "is internal" : `has auth "${first.auth}"`
    const facts = { module: module.id, service: key, route: routeName(first), auth, more: needing.length - 1 }
    const about = { modules: [module], candidates: candidates(subject, provider, Authenticator) }
    return [report("GATE002", "authenticator", facts, about)]
  })
}

const candidates = (
  subject: Subject,
  provider: ReadonlyMap<string, Module.Any>,
  service: AnyTag
): ReadonlyArray<string> => {
  const { key } = service
  const gives = (module: Module.Any): boolean => module.provides.some((service) => service.key === key)
  const known = subject.known.filter(gives)
  const hint = known.length === 0 ? providedBy(service) : undefined
  return [
    ...subject.off.filter(gives).map((module) => `module "${module.id}" provides it, but Gateway.when switched it off`),
    ...known.map((module) => `did you forget to add module "${module.id}" (${module.displayName})? It provides it`),
    ...(hint === undefined ? [] : [`did you forget to add ${hint}? It provides it`]),
    ...nearest(key, provider.keys()).map(
      (other) => `did you mean ${other}, which module "${provider.get(other)?.id}" provides?`
    )
  ]
}

/** What a service's own class says of who provides it: `static readonly providedBy = "CrmModule of my-crm"`. */
const providedBy = (service: AnyTag): string | undefined =>
  "providedBy" in service && typeof service.providedBy === "string" ? service.providedBy : undefined

const twice = (
  modules: ReadonlyArray<Module.Any>,
  provider: ReadonlyMap<string, Module.Any>
): ReadonlyArray<Diagnostic> =>
  modules.flatMap((module) =>
    module.provides.flatMap(({ key }): ReadonlyArray<Diagnostic> => {
      const first = provider.get(key)
      if (isGiven(key))
        return [report("GATE004", "framework", { service: key, module: module.id }, { modules: [module] })]
      if (first === undefined || first === module) return []
      const facts = { service: key, first: first.id, second: module.id }
      return [report("GATE004", "twoProviders", facts, { modules: [first, module] })]
    })
  )
