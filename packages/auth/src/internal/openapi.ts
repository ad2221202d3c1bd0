/** OpenAPI operations of the routes, for what the framework cannot derive from routes that are laid by hand. */

const tag = { tags: ["auth"] }
const text = { type: "string" }
const time = { type: "integer", description: "milliseconds since the epoch" }
const timeOrNull = { type: ["integer", "null"], description: "milliseconds since the epoch; null is never" }

const object = (properties: Readonly<Record<string, unknown>>, required = Object.keys(properties)) => ({
  type: "object",
  properties,
  required
})
const content = (schema: unknown) => ({ content: { "application/json": { schema } } })
const body = (schema: unknown) => ({ requestBody: { required: true, ...content(schema) } })
const answers = (status: number, description: string, schema?: unknown) => ({
  responses: { [status]: { description, ...(schema === undefined ? {} : content(schema)) } }
})

const identity = object({ id: text, path: text })
const token = { accessToken: text, tokenType: { const: "Bearer" }, expiresAt: time }
const key = { id: text, name: text, createdAt: time, expiresAt: timeOrNull }

export const jwks = {
  ...tag,
  summary: "The public keys that access tokens are signed with.",
  ...answers(200, "A JWK Set (RFC 7517).", object({ keys: { type: "array", items: { type: "object" } } }))
}

export const setup = {
  ...tag,
  summary: "Make the first administrator with the code of the one-time link.",
  ...body(object({ code: text, password: text }, ["code"])),
  ...answers(201, "The administrator. Key and token are shown only now.", object({ identity, apiKey: text, ...token }))
}

export const login = {
  ...tag,
  summary: "Sign in with a password.",
  ...body(object({ identity: { ...text, description: "a path, @id, or a name under /identities" }, password: text })),
  ...answers(200, "An access token.", object({ identity, ...token }))
}

export const password = {
  ...tag,
  summary: "Set or change one's own password.",
  ...body(object({ current: { ...text, description: "if there is one" }, password: text }, ["password"])),
  ...answers(204, "It is set.")
}

export const listKeys = {
  ...tag,
  summary: "One's own API keys.",
  ...answers(200, "Those that are good now.", object({ keys: { type: "array", items: object(key) } }))
}

export const createKey = {
  ...tag,
  summary: "Make an API key for oneself, or, as who holds every bit on /, for another identity.",
  ...body(
    object({ name: text, identity: text, expiresIn: { type: "integer", minimum: 1, description: "seconds" } }, ["name"])
  ),
  ...answers(201, "The key, which is shown only now.", object({ ...key, key: text }))
}

export const revokeKey = {
  ...tag,
  summary: "Revoke an API key of one's own.",
  parameters: [{ name: "id", in: "path", required: true, schema: text }],
  ...answers(204, "It is worth nothing from the next request on.")
}
