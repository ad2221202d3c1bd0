import { isObject, type JsonObject, objectAt } from "../openapi/json.ts"

/** A value that an operation takes in its path, query or headers. */
export interface Parameter {
  readonly name: string
  readonly in: "path" | "query" | "header"
  readonly required: boolean
  readonly schema: unknown
  readonly description: string | undefined
}

/** One form in which a body is sent or answered. */
export interface Content {
  readonly mediaType: string
  readonly schema: unknown
}

/** An answer that is no error. */
export interface Answer {
  /** `undefined` where the document names a range or only a default. */
  readonly status: number | undefined
  readonly contents: ReadonlyArray<Content>
}

/** One operation of a document, read for the client. */
export interface Operation {
  readonly id: string
  /** In capitals. */
  readonly method: string
  /** With its parameters in braces. */
  readonly path: string
  readonly summary: string | undefined
  readonly description: string | undefined
  readonly deprecated: boolean
  readonly auth: "required" | "optional" | "public"
  readonly parameters: ReadonlyArray<Parameter>
  /** `undefined` where the method takes none. Without a `content` nothing is said of it. */
  readonly body: { readonly required: boolean; readonly content: Content | undefined } | undefined
  readonly answers: ReadonlyArray<Answer>
  /** Statuses of errors that are stated. */
  readonly failures: ReadonlyArray<number>
}

// `fetch` sends no TRACE.
const fetched: ReadonlyArray<string> = ["get", "head", "options", "put", "post", "patch", "delete"]

const textAt = (value: JsonObject, key: string): string | undefined => {
  const member = value[key]
  return typeof member === "string" ? member : undefined
}

const jsonType = /^application\/(?:[\w.-]+\+)?json\b/

const contentsOf = (value: JsonObject): ReadonlyArray<Content> =>
  Object.entries(objectAt(value, "content")).map(([mediaType, content]) => ({
    mediaType: mediaType.toLowerCase(),
    schema: isObject(content) ? content.schema : undefined
  }))

/** The operations of a document in its order. */
export const operationsOf = (document: JsonObject): ReadonlyArray<Operation> =>
  Object.entries(objectAt(document, "paths")).flatMap(([path, item]) =>
    isObject(item)
      ? Object.entries(item).flatMap(([method, operation]) =>
          fetched.includes(method) && isObject(operation) ? [operationOf(path, method, operation)] : []
        )
      : []
  )

const operationOf = (path: string, method: string, operation: JsonObject): Operation => {
  const responses = Object.entries(objectAt(operation, "responses"))
  return {
    id: textAt(operation, "operationId") ?? `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    summary: textAt(operation, "summary"),
    description: textAt(operation, "description"),
    deprecated: operation.deprecated === true,
    auth: authOf(operation.security),
    parameters: Array.isArray(operation.parameters) ? operation.parameters.flatMap(parameterOf) : [],
    body: bodyOf(method, operation),
    answers: responses.flatMap(([status, response]) => answerOf(status, response)),
    failures: responses.flatMap(([status]) => (Number(status) >= 400 ? [Number(status)] : []))
  }
}

const authOf = (security: unknown): Operation["auth"] => {
  if (!Array.isArray(security) || security.length === 0) return "public"
  return security.some((way) => isObject(way) && Object.keys(way).length === 0) ? "optional" : "required"
}

// OpenAPI leaves these to other parts of an operation.
const notParameters = ["accept", "authorization", "content-type"]

const parameterOf = (value: unknown): ReadonlyArray<Parameter> => {
  if (!isObject(value) || typeof value.name !== "string") return []
  if (value.in !== "path" && value.in !== "query" && value.in !== "header") return []
  if (value.in === "header" && notParameters.includes(value.name.toLowerCase())) return []
  const { in: place, name, schema } = value
  const description = textAt(value, "description") ?? (isObject(schema) ? textAt(schema, "description") : undefined)
  return [{ name, in: place, required: place === "path" || value.required === true, schema, description }]
}

const withBody = ["put", "post", "patch"]

const bodyOf = (method: string, operation: JsonObject): Operation["body"] => {
  const body = operation.requestBody
  if (!isObject(body)) return withBody.includes(method) ? { required: false, content: undefined } : undefined
  const contents = contentsOf(body)
  const content = contents.find(({ mediaType }) => jsonType.test(mediaType)) ?? contents[0]
  return { required: body.required === true, content }
}

const answerOf = (status: string, response: unknown): ReadonlyArray<Answer> => {
  const range = /^([23])(\d\d|XX)$/i.exec(status)
  if (range === null || !isObject(response)) return []
  return [{ status: /^\d+$/.test(status) ? Number(status) : undefined, contents: contentsOf(response) }]
}

/** The type of an answer's body as the client reads it. */
export const answerType = ({ contents, status }: Answer, typeOf: (schema: unknown) => string): string => {
  if (status === 204 || status === 205 || status === 304) return "undefined"
  const types = contents.map(({ mediaType, schema }) => {
    if (jsonType.test(mediaType)) return typeOf(schema)
    if (mediaType.startsWith("text/event-stream")) return "ReadableStream<Uint8Array> | null"
    return mediaType.startsWith("text/") ? "string" : "Blob"
  })
  return types.length === 0 || types.includes("unknown") ? "unknown" : [...new Set(types)].join(" | ")
}

/** The type of a body as the client sends it. */
export const bodyType = (content: Content | undefined, typeOf: (schema: unknown) => string): string => {
  if (content === undefined) return "unknown"
  const { mediaType, schema } = content
  if (jsonType.test(mediaType)) return typeOf(schema)
  if (mediaType.startsWith("multipart/form-data")) return "FormData"
  if (mediaType.startsWith("application/x-www-form-urlencoded")) return "URLSearchParams"
  return mediaType.startsWith("text/") ? "string" : "Blob | ArrayBuffer | ArrayBufferView"
}
