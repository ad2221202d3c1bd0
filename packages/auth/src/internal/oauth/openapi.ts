/** OpenAPI operations of the routes for OAuth clients. */

import { answers, body, form, object, tag, text, time } from "../openapiShapes.ts"

const client = { client_id: text, client_secret: text, client_assertion: text, client_assertion_type: text }
const anything = { type: "object" }

export const serverMetadata = {
  ...tag,
  summary: "What OAuth and OpenID Connect clients have to know of this instance (RFC 8414).",
  ...answers(200, "Endpoints, and what they take.", anything)
}

export const resourceMetadata = {
  ...tag,
  summary: "Who gives out tokens for this instance (RFC 9728).",
  ...answers(200, "The authorization server, which is the instance itself.", anything)
}

export const token = {
  ...tag,
  summary:
    "Get tokens: authorization_code, refresh_token, client_credentials, device_code, jwt-bearer, token-exchange.",
  ...form(
    {
      grant_type: text,
      code: text,
      code_verifier: text,
      redirect_uri: text,
      refresh_token: text,
      device_code: text,
      assertion: text,
      subject_token: text,
      subject_token_type: text,
      requested_token_type: text,
      audience: text,
      scope: text,
      resource: text,
      ...client
    },
    ["grant_type"]
  ),
  ...answers(
    200,
    "The tokens (RFC 6749, section 5.1).",
    object(
      {
        access_token: text,
        token_type: { enum: ["Bearer", "DPoP"] },
        expires_in: { type: "integer", description: "seconds" },
        scope: text,
        refresh_token: text,
        id_token: text,
        issued_token_type: text
      },
      ["access_token", "token_type", "expires_in"]
    )
  )
}

export const userinfo = {
  ...tag,
  summary: "Who the token stands for (OpenID Connect).",
  ...answers(200, "The claims.", object({ sub: text, name: text, preferred_username: text }, ["sub"]))
}

export const device = {
  ...tag,
  summary: "Ask for a code that somebody enters elsewhere (RFC 8628).",
  ...form({ scope: text, resource: text, ...client }, []),
  ...answers(
    200,
    "The codes.",
    object({
      device_code: text,
      user_code: text,
      verification_uri: text,
      verification_uri_complete: text,
      expires_in: { type: "integer", description: "seconds" },
      interval: { type: "integer", description: "seconds" }
    })
  )
}

export const register = {
  ...tag,
  summary: "Register a client (RFC 7591). Who holds a credential may give it an identity with `identity`.",
  ...body(anything),
  ...answers(
    201,
    "The client. A secret is shown only now.",
    object({ client_id: text, client_secret: text }, ["client_id"])
  )
}

export const revoke = {
  ...tag,
  summary: "Revoke a token of the client's (RFC 7009); a refresh token takes along all tokens of its grant.",
  ...form({ token: text, token_type_hint: text, ...client }, ["token"]),
  ...answers(200, "It is worth nothing.")
}

export const introspect = {
  ...tag,
  summary: "Ask about a token of the client's (RFC 7662).",
  ...form({ token: text, token_type_hint: text, ...client }, ["token"]),
  ...answers(200, "Whether it is active, and what it says.", object({ active: { type: "boolean" } }))
}

const grant = { id: text, client: text, clientName: text, scope: text, createdAt: time, lastUsedAt: time }

export const listGrants = {
  ...tag,
  summary: "What one has let clients do.",
  ...answers(200, "Those that have not ended.", object({ grants: { type: "array", items: object(grant) } }))
}

export const endGrant = {
  ...tag,
  summary: "End what one has let a client do, with all of its tokens.",
  parameters: [{ name: "id", in: "path", required: true, schema: text }],
  ...answers(204, "It has ended.")
}

export const listClients = {
  ...tag,
  summary: "The clients that are registered.",
  ...answers(200, "All of them.", object({ clients: { type: "array", items: anything } }))
}

export const renewSecret = {
  ...tag,
  summary: "Give a client a new secret: one's own client, or as an operator any.",
  parameters: [{ name: "id", in: "path", required: true, schema: text }],
  ...body(
    object(
      {
        overlap: { type: "integer", minimum: 0, maximum: 604_800, description: "seconds that the one before lasts on" }
      },
      []
    )
  ),
  ...answers(
    200,
    "The secret, shown only now.",
    object({ client_id: text, client_secret: text, client_secret_expires_at: { const: 0 } })
  )
}

export const removeClient = {
  ...tag,
  summary: "Remove a client, with all that it was granted.",
  parameters: [{ name: "id", in: "path", required: true, schema: text }],
  ...answers(204, "It is gone.")
}

const issuerFields = {
  issuer: text,
  jwksUri: text,
  subjects: { type: "object", additionalProperties: text, description: "identities here, by `sub` there" }
}
const issuer = object(issuerFields)
const replace = { type: "boolean", description: "lets an issuer that is known have its keys elsewhere" }

export const listIssuers = {
  ...tag,
  summary: "Others whose assertions count here (RFC 7523).",
  ...answers(200, "All of them.", object({ issuers: { type: "array", items: issuer } }))
}

export const putIssuer = {
  ...tag,
  summary: "Let an issuer's assertions about some subjects count here.",
  ...body(object({ ...issuerFields, replace }, Object.keys(issuerFields))),
  ...answers(200, "As it is kept.", issuer)
}

export const removeIssuer = {
  ...tag,
  summary: "Let an issuer's assertions count no more.",
  parameters: [{ name: "issuer", in: "query", required: true, schema: text }],
  ...answers(204, "It is gone.")
}
