/** An OpenAPI document whose names and schemas are hard on a generator of clients. */

const named = (name: string) => ({ $ref: `#/components/schemas/${name}` })

const answers = (mediaType: string, schema: object) => ({
  200: { description: "Done.", content: { [mediaType]: { schema } } }
})

const error = {
  type: "object",
  required: ["code", "message", "requestId"],
  properties: {
    code: { type: "string" },
    message: { type: "string" },
    details: { type: "object" },
    requestId: { type: "string" }
  }
}

export const hardDocument = {
  info: { title: "Hard */", version: "1" },
  paths: {
    "/a": {
      get: {
        operationId: "constructor",
        parameters: [
          { name: "deep", in: "query", schema: { type: "object", additionalProperties: true } },
          { name: "page", in: "query", required: true, schema: { type: "integer" } }
        ],
        responses: answers("application/json", named("Json"))
      },
      put: {
        operationId: "1st-thing",
        requestBody: { content: { "multipart/form-data": { schema: {} } } },
        responses: answers("text/event-stream", {})
      }
    },
    "/b/{x-y}.json": {
      post: {
        operationId: "sent",
        parameters: [{ name: "x-y", in: "path", required: true, schema: { type: "integer" } }],
        requestBody: { required: true, content: { "application/octet-stream": {} } },
        responses: {
          "2XX": { description: "An image.", content: { "image/png": {} } },
          503: { description: "Not now." }
        }
      }
    },
    "/c": {
      delete: { operationId: "failure", responses: { default: { description: "An error." } } },
      get: { operationId: "Success", responses: { 204: { description: "Nothing." } } },
      post: {
        operationId: "success",
        requestBody: { content: { "application/x-www-form-urlencoded": { schema: {} } } },
        responses: answers("application/vnd.x+json", named("a~1b"))
      }
    }
  },
  components: {
    schemas: {
      Error: { type: "object", required: ["error"], properties: { error } },
      Json: {
        anyOf: [
          { type: ["string", "number", "boolean", "null"] },
          { type: "array", items: named("Json") },
          { type: "object", additionalProperties: named("Json") }
        ]
      },
      Success: { type: "object", properties: { next: named("Success"), Blob: named("Blob") } },
      Blob: { type: "string" },
      "a/b": {
        allOf: [
          named("Success"),
          {
            type: "object",
            properties: { pair: { type: "array", prefixItems: [named("Json")], items: false } },
            additionalProperties: named("Json")
          }
        ]
      }
    }
  }
}
