import type { PlannedRoute } from "../../Plan.ts"
import { isObject, type JsonObject, objectAt } from "./json.ts"

/** Name of the error shape among the document's schemas. */
export const errorSchemaName = "Error"

/** The one error shape, as JSON Schema. */
export const errorSchema: JsonObject = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message", "requestId"],
      properties: {
        code: { type: "string", description: "Stable, for programs.", examples: ["NOT_FOUND"] },
        message: { type: "string", description: "For people." },
        details: { type: "object" },
        requestId: { type: "string", description: "Also in the x-request-id header and in the log." }
      }
    }
  }
}

/** Ways to show who calls; the names are used by the operations' `security`. */
export const securitySchemes: JsonObject = {
  bearer: { type: "http", scheme: "bearer", description: "An access token or an API key." }
}

const errorContent = { "application/json": { schema: { $ref: `#/components/schemas/${errorSchemaName}` } } }

const securityOf = (route: PlannedRoute): ReadonlyArray<JsonObject> => {
  if (route.scope === "internal" || route.auth === "required") return [{ bearer: [] }]
  return route.auth === "optional" ? [{}, { bearer: [] }] : []
}

const withOwnErrors = (route: PlannedRoute): JsonObject => ({
  // `HttpApi` answers a request that does not fit with 400, and leaves that out of its document.
  ...(route.endpoint === null ? {} : { 400: { description: "The request does not fit.", content: errorContent } }),
  ...(route.auth === "public" ? {} : { 401: { description: "No valid credential was shown.", content: errorContent } })
})

/** Gives every error answer of an operation the one shape, and says that others may come. */
const withErrors = (responses: JsonObject): JsonObject => {
  const out: JsonObject = {}
  for (const [status, response] of Object.entries(responses)) {
    out[status] = Number(status) >= 400 && isObject(response) ? { ...response, content: errorContent } : response
  }
  const done = Object.keys(out).some((status) => Number(status) < 400) ? {} : { 200: { description: "Done." } }
  return { ...done, ...out, default: { description: "An error.", content: errorContent } }
}

/** An operation as it is published: with its errors, its auth, and an id that is its alone. */
export const publish = (route: PlannedRoute, operation: JsonObject, operationId: string): JsonObject => ({
  ...operation,
  operationId,
  security: securityOf(route),
  responses: withErrors({ ...withOwnErrors(route), ...objectAt(operation, "responses") })
})

/** `/crm/:id/*` as OpenAPI writes it: `/crm/{id}/{rest}`, and the parameters that it has. */
export const templateOf = (path: string): { readonly template: string; readonly params: ReadonlyArray<JsonObject> } => {
  const names: Array<string> = []
  const template = path
    .split("/")
    .map((segment) => {
      const name = segment === "*" ? "rest" : /^:(\w+)/.exec(segment)?.[1]
      if (name === undefined) return segment
      names.push(name)
      return `{${name}}`
    })
    .join("/")
  const params = names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }))
  return { template, params }
}

const methodsOfAll = ["get", "put", "post", "delete", "patch"]

/** The keys of a path item under which an operation for `method` stands. OpenAPI 3.1 has no word for QUERY. */
export const methodKeys = (method: string): ReadonlyArray<string> =>
  method === "*" ? methodsOfAll : method === "QUERY" ? [] : [method.toLowerCase()]
