/** OpenAPI operations of the routes of delegations. */

const tag = { tags: ["auth"] }
const text = { type: "string" }
const time = { type: "integer", description: "milliseconds since the epoch" }
const object = (properties: Readonly<Record<string, unknown>>) => ({
  type: "object",
  properties,
  required: Object.keys(properties)
})
const listOf = (name: string, description: string, properties: Readonly<Record<string, unknown>>) => ({
  responses: {
    200: {
      description,
      content: {
        "application/json": { schema: object({ [name]: { type: "array", items: object(properties) } }) }
      }
    }
  }
})
const named = (name: string) => ({ parameters: [{ name, in: "path", required: true, schema: text }] })
const ofWhom = { name: "identity", in: "query", schema: text, description: "Address of the identity." }
const done = (description: string) => ({ responses: { 204: { description } } })

export const list = {
  ...tag,
  summary: "The delegations that the caller may revoke: one's own, or what came of the one that is shown.",
  ...listOf("delegations", "Those that are good now.", {
    id: text,
    chain: { type: "array", items: text },
    audience: { type: ["string", "null"], description: "null is whoever holds it" },
    bounds: { type: "array", items: { type: "object" } },
    jkt: { type: ["string", "null"], description: "thumbprint of the key that it is shown with" },
    createdAt: time,
    expiresAt: time
  })
}

export const revoke = {
  ...tag,
  summary: "Revoke a delegation, and with it all that came of it.",
  ...named("id"),
  ...done("It is worth nothing from the next request on.")
}

export const listKeys = {
  ...tag,
  summary: "The keys that one has registered, or, for whoever holds every bit on /, somebody else's or a domain's.",
  parameters: [ofWhom],
  ...listOf("keys", "The oldest first.", { jkt: text, x: text, createdAt: time })
}

export const removeKey = {
  ...tag,
  summary:
    "Take back a key that one has registered, or somebody else's or a domain's, so that it may have another one.",
  parameters: [...named("jkt").parameters, ofWhom],
  ...done("Nothing is proved with it any more.")
}
