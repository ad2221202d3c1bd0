import type { ExtensionPoint } from "../../ExtensionPoint.ts"
import { Feature } from "../../Feature.ts"
import type { Plan, PlannedRoute } from "../../Plan.ts"
import type { RouteScope } from "../../Route.ts"
import { SdkMetadata } from "../../SdkMetadata.ts"
import { isObject, type JsonObject, objectAt } from "../openapi/json.ts"
import { methodKeys, templateOf } from "../openapi/operation.ts"
import { frameworkRoutes } from "./documents.ts"

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Values that were contributed where a module is declared; those made at start are not known yet. */
const declared = <A>(plan: Plan, point: ExtensionPoint<A>): ReadonlyArray<{ module: string; value: A }> =>
  plan.runtime.modules.flatMap(({ module }) =>
    module.contributes.flatMap(({ content, point: of }) =>
      // The point made the contribution, so the value is of its type.
      of === point && content._tag === "Value" ? [{ module: module.id, value: content.value as A }] : []
    )
  )

const operationIds = (documents: Readonly<Record<RouteScope, JsonObject>>, route: PlannedRoute): Array<string> => {
  const item = objectAt(objectAt(documents[route.scope], "paths"), templateOf(route.path).template)
  return methodKeys(route.method).flatMap((key) => {
    const operation = item[key]
    return isObject(operation) && typeof operation.operationId === "string" ? [operation.operationId] : []
  })
}

const metadata = (plan: Plan): JsonObject => {
  const modules = new Map<string, Array<readonly [string, unknown]>>()
  for (const { module, value } of declared(plan, SdkMetadata)) {
    const facts = modules.get(module) ?? []
    facts.push([value.name, value.value])
    modules.set(module, facts)
  }
  const entries = [...modules].sort(([a], [b]) => byText(a, b))
  return Object.fromEntries(
    entries.map(([module, facts]) => [module, Object.fromEntries(facts.sort(([a], [b]) => byText(a, b)))])
  )
}

/** What `sdk.json` says: the product as those see it who write clients and tools for it. */
export const sdkMetadata = (plan: Plan, documents: Readonly<Record<RouteScope, JsonObject>>): JsonObject => {
  const routes = [...plan.routes, ...frameworkRoutes().flatMap(({ planned }) => planned)]
  const { description, id, name, version } = plan.product
  return {
    format: 1,
    product: { id, name, version: version ?? null, description: description ?? null },
    modules: plan.modules
      .map((module) => ({
        id: module.id,
        displayName: module.displayName,
        version: module.version,
        requires: module.requires.map(({ optional, service }) => ({ service, optional })),
        provides: module.provides
      }))
      .sort((a, b) => byText(a.id, b.id)),
    services: plan.services
      .map(({ key, provider, requiredBy }) => ({ key, provider, requiredBy: requiredBy.toSorted(byText) }))
      .sort((a, b) => byText(a.key, b.key)),
    routes: routes
      .map((route) => ({
        method: route.method,
        path: route.path,
        scope: route.scope,
        auth: route.auth,
        module: route.module,
        id: route.id,
        endpoint: route.endpoint,
        operationIds: operationIds(documents, route)
      }))
      .sort((a, b) => byText(`${a.path} ${a.method}`, `${b.path} ${b.method}`)),
    features: [...new Set(declared(plan, Feature).map(({ value }) => value))].sort(byText),
    metadata: metadata(plan)
  }
}
