/** OpenAPI operations of the routes about sign-in with providers. */
import { answers, body, form, justSignedIn, object, tag, text, time, timeOrNull } from "../openapiShapes.ts"

const textOrNull = { type: ["string", "null"] }
const link = {
  id: text,
  provider: text,
  issuer: text,
  subject: text,
  name: textOrNull,
  email: textOrNull,
  createdAt: time,
  lastUsedAt: timeOrNull
}
const linkId = [{ name: "id", in: "path", required: true, schema: text }]
const providerId = [{ name: "provider", in: "path", required: true, schema: text }]

export const listProviders = {
  ...tag,
  summary: "The OpenID providers that one may sign in with.",
  ...answers(
    200,
    "All of them; a browser begins at the URL, with `return_to` for where to go on.",
    object({ providers: { type: "array", items: object({ id: text, label: text, url: text }) } })
  )
}

export const backChannelLogout = {
  ...tag,
  summary: "A provider says that it has signed somebody out (OpenID Connect Back-Channel Logout).",
  parameters: providerId,
  ...form({ logout_token: text }, ["logout_token"]),
  ...answers(200, "The sessions have ended.")
}

export const linkAccount = {
  ...tag,
  summary: "Begin to link an account at a provider to oneself.",
  description: justSignedIn,
  parameters: providerId,
  ...body(object({ returnTo: { ...text, description: "page of this instance to go on at" } }, [])),
  ...answers(
    200,
    "Where the browser has to go, with the cookie that is set. It comes back with the account linked.",
    object({ url: text })
  )
}

export const listLinks = {
  ...tag,
  summary: "The accounts at providers that one signs in with.",
  ...answers(200, "All of them.", object({ links: { type: "array", items: object(link) } }))
}

export const removeLink = {
  ...tag,
  summary: "Sign in with an account no more.",
  parameters: linkId,
  ...answers(204, "It is gone, and so are the sessions that it began.")
}

const linkAnswer = object({ ...link, identity: text })

export const listAllLinks = {
  ...tag,
  summary: "Which account at a provider is which identity.",
  ...answers(200, "All of them.", object({ links: { type: "array", items: linkAnswer } }))
}

export const putLink = {
  ...tag,
  summary: "Let an account at a provider be an identity.",
  ...body(
    object(
      {
        provider: text,
        subject: { ...text, description: "`sub` of its tokens, never an email address" },
        tenant: { ...text, description: "`tid` of its tokens, where the provider has many" },
        identity: { ...text, description: "a path or @id" }
      },
      ["provider", "subject", "identity"]
    )
  ),
  ...answers(201, "As it is kept.", linkAnswer)
}

export const removeAnyLink = {
  ...tag,
  summary: "Let an account at a provider be nobody.",
  parameters: linkId,
  ...answers(204, "It is gone, and so are the sessions that it began.")
}

export const invite = {
  ...tag,
  summary: "Let somebody choose the account that they want to sign in with as an identity.",
  ...body(
    object(
      {
        identity: { ...text, description: "a path or @id" },
        provider: { ...text, description: "the only one that will do" },
        expiresIn: { type: "integer", description: "seconds; a week unless told" }
      },
      ["identity"]
    )
  ),
  ...answers(201, "The link is shown only now, and works once.", object({ id: text, url: text, expiresAt: time }))
}

export const listInvitations = {
  ...tag,
  summary: "The invitations that are good now.",
  ...answers(
    200,
    "The oldest first, without their links.",
    object({
      invitations: {
        type: "array",
        items: object({ id: text, identity: text, provider: textOrNull, expiresAt: time })
      }
    })
  )
}

export const removeInvitation = {
  ...tag,
  summary: "Take an invitation back.",
  parameters: linkId,
  ...answers(204, "Its link is worth nothing.")
}

export const putSecret = {
  ...tag,
  summary: "Keep a provider's client secret in the key store.",
  parameters: providerId,
  ...body(object({ secret: text })),
  ...answers(204, "It is kept.")
}
