import type { Plan } from "../../Plan.ts"
import type { RouteScope } from "../../Route.ts"
import { builtinRoutes } from "../builtin/routes.ts"
import { type DocumentedRoute, openApiDocument } from "../openapi/document.ts"
import { isObject, type JsonObject, objectAt } from "../openapi/json.ts"

/** Methods in the order in which a path's operations are listed. */
export const methodOrder: ReadonlyArray<string> = ["get", "head", "options", "put", "post", "patch", "delete", "trace"]

// The framework's routes look at the running instance when a request comes, and here none ever does.
const nothingRuns = (): never => {
  throw new Error("No instance runs while files are generated.")
}

/** The framework's own routes, as documented. */
export const frameworkRoutes = (): ReadonlyArray<DocumentedRoute> => builtinRoutes(nothingRuns)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const sorted = (value: JsonObject, order = compare): JsonObject =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => order(a, b)))

const byMethod = (a: string, b: string): number => methodOrder.indexOf(a) - methodOrder.indexOf(b) || compare(a, b)

const tagName = (tag: unknown): string => (isObject(tag) && typeof tag.name === "string" ? tag.name : "")

/**
 * The OpenAPI document of one scope as it is written to a file: paths, schemas and tags sorted, and without a server,
 * since where an instance runs is a setting.
 */
export const fileDocument = (plan: Plan, scope: RouteScope): JsonObject => {
  const document = openApiDocument(plan, scope, frameworkRoutes(), undefined)
  const paths = Object.entries(objectAt(document, "paths")).map(([path, item]): [string, unknown] => [
    path,
    isObject(item) ? sorted(item, byMethod) : item
  ])
  const components = objectAt(document, "components")
  const tags = Array.isArray(document.tags) ? document.tags : []
  return {
    ...document,
    paths: sorted(Object.fromEntries(paths)),
    components: {
      ...components,
      schemas: sorted(objectAt(components, "schemas")),
      securitySchemes: sorted(objectAt(components, "securitySchemes"))
    },
    tags: tags.toSorted((a, b) => compare(tagName(a), tagName(b)))
  }
}
