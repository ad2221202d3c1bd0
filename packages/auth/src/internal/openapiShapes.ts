/** Pieces of OpenAPI operations. */

export const tag = { tags: ["auth"] }
export const text = { type: "string" }
export const time = { type: "integer", description: "milliseconds since the epoch" }
export const timeOrNull = { type: ["integer", "null"], description: "milliseconds since the epoch; null is never" }

export const object = (properties: Readonly<Record<string, unknown>>, required = Object.keys(properties)) => ({
  type: "object",
  properties,
  required
})
export const content = (schema: unknown) => ({ content: { "application/json": { schema } } })
export const body = (schema: unknown) => ({ requestBody: { required: true, ...content(schema) } })
export const answers = (status: number, description: string, schema?: unknown) => ({
  responses: { [status]: { description, ...(schema === undefined ? {} : content(schema)) } }
})

/** Who may add a way to sign in. */
export const justSignedIn =
  "With the cookie of a session that is not older than 15 minutes, and its token (`GET /auth/sessions`) in X-CSRF-Token."

export const form = (properties: Readonly<Record<string, unknown>>, required: ReadonlyArray<string>) => ({
  requestBody: {
    required: true,
    content: { "application/x-www-form-urlencoded": { schema: object(properties, [...required]) } }
  }
})
