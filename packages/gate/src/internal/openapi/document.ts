import * as OpenApi from "effect/http-api/OpenApi"
import type { Plan, PlannedRoute } from "../../Plan.ts"
import { apiOf, type Route, type RouteScope } from "../../Route.ts"
import { isObject, type JsonObject, objectAt } from "./json.ts"
import { errorSchema, errorSchemaName, methodKeys, publish, securitySchemes, templateOf } from "./operation.ts"

/** What a document is built up in. */
interface Draft {
  readonly paths: { [template: string]: JsonObject }
  readonly schemas: JsonObject
  readonly securitySchemes: JsonObject
  readonly tags: Map<string, JsonObject>
  readonly operationIds: Set<string>
}

/** A route of a module, with what it was planned as. */
export interface DocumentedRoute {
  readonly route: Route
  readonly planned: ReadonlyArray<PlannedRoute>
}

/**
 * The OpenAPI 3.1 document of all routes of one scope. Apis describe themselves; routes laid by hand say what they want
 * to say in `openapi`. Every operation states its auth and the one error shape.
 */
export const openApiDocument = (
  plan: Plan,
  scope: RouteScope,
  own: ReadonlyArray<DocumentedRoute>,
  serverUrl: string | undefined
): JsonObject => {
  const draft: Draft = {
    paths: {},
    schemas: { [errorSchemaName]: errorSchema },
    securitySchemes: { ...securitySchemes },
    tags: new Map(),
    operationIds: new Set()
  }
  const routes = [...plan.runtime.modules.flatMap((module) => module.routes), ...own]
  for (const { planned, route } of routes) {
    if (route.scope !== scope) continue
    if (route.api === undefined) addByHand(draft, route, planned)
    else addApi(draft, route, planned)
  }
  const { product } = plan
  return {
    openapi: "3.1.0",
    info: {
      title: scope === "public" ? product.name : `${product.name} (internal)`,
      version: product.version ?? "0.0.0",
      ...(product.description === undefined ? {} : { description: product.description })
    },
    ...(serverUrl === undefined ? {} : { servers: [{ url: serverUrl }] }),
    paths: draft.paths,
    components: { schemas: draft.schemas, securitySchemes: draft.securitySchemes },
    tags: [...draft.tags.values()]
  }
}

const put = (draft: Draft, template: string, key: string, operation: JsonObject): void => {
  const item = draft.paths[template] ?? {}
  item[key] ??= operation
  draft.paths[template] = item
}

const uniqueId = (draft: Draft, wanted: string): string => {
  let id = wanted
  for (let n = 2; draft.operationIds.has(id); n++) id = `${wanted}_${n}`
  draft.operationIds.add(id)
  return id
}

const tagOf = (draft: Draft, name: string, tag: JsonObject = { name }): void => {
  if (!draft.tags.has(name)) draft.tags.set(name, tag)
}

const addByHand = (draft: Draft, route: Route, planned: ReadonlyArray<PlannedRoute>): void => {
  for (const entry of planned) {
    const { params, template } = templateOf(entry.path)
    tagOf(draft, entry.module)
    const keys = methodKeys(entry.method)
    for (const key of keys) {
      const stated: JsonObject = { ...route.openapi }
      const extra = Array.isArray(stated.parameters) ? stated.parameters : []
      const base: JsonObject = {
        tags: [entry.module],
        ...(route.description === undefined ? {} : { description: route.description }),
        ...stated,
        parameters: [...params.filter((param) => !extra.some((each) => isSameParam(each, param))), ...extra]
      }
      const own = typeof stated.operationId === "string" ? stated.operationId : operationIdOf(entry)
      put(draft, template, key, publish(entry, base, uniqueId(draft, keys.length === 1 ? own : `${own}.${key}`)))
    }
  }
}

/** `shop.echo` for `route:echo` of the module `shop`. */
const operationIdOf = ({ id, module }: PlannedRoute): string =>
  `${module}.${id
    .replace(/^route:/, "")
    .replace(/\W+/g, "_")
    .replace(/^_|_$/g, "")}`

const isSameParam = (a: unknown, b: JsonObject): boolean => isObject(a) && a.name === b.name && a.in === b.in

const addApi = (draft: Draft, route: Route, planned: ReadonlyArray<PlannedRoute>): void => {
  if (route.api === undefined) return
  const prefix = route.mountPath === "/" ? "" : route.mountPath
  // The document is plain JSON, which is all that is asked of it here.
  const spec = OpenApi.fromApi(apiOf(route)) as unknown as JsonObject
  const own = renamed(spec, clashes(draft, objectAt(objectAt(spec, "components"), "schemas"), planned))
  Object.assign(draft.schemas, objectAt(objectAt(own, "components"), "schemas"))
  Object.assign(draft.securitySchemes, objectAt(objectAt(own, "components"), "securitySchemes"))
  for (const tag of Array.isArray(own.tags) ? own.tags : []) {
    if (isObject(tag) && typeof tag.name === "string") tagOf(draft, tag.name, tag)
  }
  const byPlace = new Map(planned.map((entry) => [`${entry.method} ${templateOf(entry.path).template}`, entry]))
  for (const [path, item] of Object.entries(objectAt(own, "paths"))) {
    const template = path === "/" && prefix !== "" ? prefix : `${prefix}${path}`
    for (const [key, operation] of isObject(item) ? Object.entries(item) : []) {
      const entry = byPlace.get(`${key.toUpperCase()} ${template}`)
      if (entry === undefined || !isObject(operation)) continue
      const id = typeof operation.operationId === "string" ? operation.operationId : operationIdOf(entry)
      put(draft, template, key, publish(entry, operation, uniqueId(draft, id)))
    }
  }
}

/** New names for schemas whose names another api has given to something else. */
const clashes = (
  draft: Draft,
  schemas: JsonObject,
  planned: ReadonlyArray<PlannedRoute>
): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  const module = planned[0]?.module ?? "module"
  for (const [name, schema] of Object.entries(schemas)) {
    const before = draft.schemas[name]
    if (before === undefined || JSON.stringify(before) === JSON.stringify(schema)) continue
    let other = `${module}_${name}`
    for (let n = 2; other in draft.schemas; n++) other = `${module}_${name}_${n}`
    names.set(name, other)
  }
  return names
}

const refPrefix = "#/components/schemas/"

/** The document with some of its schemas called otherwise, wherever they are referred to. */
const renamed = (spec: JsonObject, names: ReadonlyMap<string, string>): JsonObject => {
  if (names.size === 0) return spec
  const text = JSON.stringify(spec, (key, value: unknown) => {
    if (key === "$ref" && typeof value === "string" && value.startsWith(refPrefix)) {
      const other = names.get(value.slice(refPrefix.length))
      return other === undefined ? value : refPrefix + other
    }
    if (key !== "schemas" || !isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [names.get(name) ?? name, schema]))
  })
  return JSON.parse(text)
}
