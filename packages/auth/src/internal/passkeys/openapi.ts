/** OpenAPI operations of the routes of passkeys. */
import { answers, body, object, tag, text, time, timeOrNull } from "../openapiShapes.ts"

const passkey = {
  id: text,
  name: text,
  isSynced: { type: "boolean", description: "whether its authenticator keeps copies of it elsewhere" },
  createdAt: time,
  usedAt: timeOrNull
}
const credential = { type: "object", description: "a PublicKeyCredential as JSON (WebAuthn Level 3, section 5.1)" }
const options = { type: "object", description: "options as JSON (WebAuthn Level 3, section 5.1.8)" }
const id = [{ name: "id", in: "path", required: true, schema: text }]

export const askWho = {
  ...tag,
  summary: "Begin to sign in with a passkey.",
  ...answers(200, "What the browser asks an authenticator; its cookie has to come with the answer.", options)
}

export const signIn = {
  ...tag,
  summary: "Sign in with a passkey: begins a session, whose cookie is set.",
  ...body(object({ credential, returnTo: text }, ["credential"])),
  ...answers(
    200,
    "Who it is, and where to go on.",
    object({ identity: object({ id: text, path: text }), session: text, csrfToken: text, returnTo: text })
  )
}

export const askToAdd = {
  ...tag,
  summary: "Begin to add a passkey to oneself, in a session that is not old.",
  ...answers(200, "What the browser asks an authenticator.", options)
}

export const add = {
  ...tag,
  summary: "Add a passkey to oneself.",
  ...body(object({ credential, name: text }, ["credential"])),
  ...answers(201, "The passkey.", object(passkey))
}

export const list = {
  ...tag,
  summary: "One's own passkeys.",
  ...answers(200, "The oldest first.", object({ passkeys: { type: "array", items: object(passkey) } }))
}

export const rename = {
  ...tag,
  summary: "Give a passkey of one's own another name.",
  parameters: id,
  ...body(object({ name: text })),
  ...answers(204, "It has that name.")
}

export const remove = {
  ...tag,
  summary: "Remove a passkey of one's own.",
  parameters: id,
  ...answers(204, "Nobody can sign in with it any more.")
}
