/** OpenAPI operations of the routes, for what the framework cannot derive from routes that are laid by hand. */

import { answers, body, object, tag, text, time, timeOrNull } from "./openapiShapes.ts"

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

export const createAdministrator = {
  ...tag,
  summary: "Make an administrator who signs in with a password.",
  ...body(object({ name: { ...text, description: "the last segment of the path under /identities" }, password: text })),
  ...answers(201, "The administrator.", object({ identity }))
}

export const resetAdministrator = {
  ...tag,
  summary: "Give a User a new password, and end all sessions and tokens.",
  ...body(object({ identity: { ...text, description: "a path, @id, or a name under /identities" }, password: text })),
  ...answers(200, "Whose password it is.", object({ identity }))
}

const signingKey = { kid: text, createdAt: time, verifiesUntil: time }
const signingKeysAnswer = answers(
  200,
  "The key that signs, and those that still verify.",
  object({ keys: { type: "array", items: object(signingKey, ["kid", "createdAt"]) } })
)

export const signingKeys = { ...tag, summary: "The keys that tokens are signed with.", ...signingKeysAnswer }

export const rotateSigningKeys = {
  ...tag,
  summary: "Let a new key sign tokens.",
  ...body(
    object(
      { atOnce: { type: "boolean", description: "whether tokens of the keys before are worth nothing from now on" } },
      []
    )
  ),
  ...signingKeysAnswer
}

export const login = {
  ...tag,
  summary: "Sign in with a password.",
  ...body(
    object(
      {
        identity: { ...text, description: "a path, @id, or a name under /identities" },
        password: text,
        code: { ...text, description: "of an app, or a recovery code, where there is a second factor" },
        session: {
          type: "boolean",
          description: "whether to begin a session, whose cookie is set, in place of a token"
        }
      },
      ["identity", "password"]
    )
  ),
  ...answers(
    200,
    "An access token, or the session's id and the token that changes made with its cookie have to show.",
    object({ identity, ...token, session: text, csrfToken: text }, ["identity"])
  )
}

export const logout = {
  ...tag,
  summary: "End the session whose cookie is sent.",
  ...answers(204, "It has ended, and the cookie is taken away.")
}

const session = {
  id: text,
  createdAt: time,
  lastSeenAt: time,
  expiresAt: time,
  method: text,
  address: { type: ["string", "null"] },
  userAgent: { type: ["string", "null"] }
}

export const listSessions = {
  ...tag,
  summary: "One's own sessions in browsers.",
  ...answers(
    200,
    "Those that are good now; asked with a session's cookie, which one it is and the token for changes.",
    object({ sessions: { type: "array", items: object(session) }, current: text, csrfToken: text }, ["sessions"])
  )
}

export const endSession = {
  ...tag,
  summary: "End a session of one's own.",
  parameters: [{ name: "id", in: "path", required: true, schema: text }],
  ...answers(204, "It has ended.")
}

export const endAllSessions = {
  ...tag,
  summary: "Sign out everywhere: end all of one's sessions, refresh tokens and access tokens. API keys stay.",
  ...answers(204, "They have ended.")
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

const nullable = { type: ["string", "null"] }

export const audit = {
  ...tag,
  summary: "Who did what, from where and through what.",
  parameters: [
    {
      name: "event",
      in: "query",
      schema: text,
      description: "a kind, with all below it: sign-in is sign-in.refused, too"
    },
    {
      name: "identity",
      in: "query",
      schema: text,
      description: "who it is about, or who did it: a path, @id, or a name"
    },
    { name: "address", in: "query", schema: text },
    { name: "since", in: "query", schema: time },
    { name: "until", in: "query", schema: time },
    { name: "before", in: "query", schema: { type: "integer" }, description: "only lines before the one with this id" },
    { name: "limit", in: "query", schema: { type: "integer", minimum: 1, maximum: 1_000, default: 100 } }
  ],
  ...answers(
    200,
    "Lines, the newest first; next is the before of the lines that come then.",
    object(
      {
        lines: {
          type: "array",
          items: object({
            id: { type: "integer" },
            at: time,
            event: text,
            identity: { oneOf: [object({ id: text, path: nullable }), { type: "null" }] },
            actor: { oneOf: [object({ id: text, path: nullable }), { type: "null" }] },
            address: nullable,
            userAgent: nullable,
            through: { oneOf: [object({ kind: text, id: text }, ["kind"]), { type: "null" }] },
            details: { type: ["object", "null"] }
          })
        },
        next: { type: "integer" }
      },
      ["lines"]
    )
  )
}
