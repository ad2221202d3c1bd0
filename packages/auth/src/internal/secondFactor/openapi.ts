/** OpenAPI operations of the routes of the second factor, as programs use them: the forms of pages are sent to the same. */
import { answers, body, justSignedIn, object, tag, text } from "../openapiShapes.ts"

const code = { ...text, description: "that the app shows now" }
const codes = object({
  recoveryCodes: { type: "array", items: text, description: "each works once; they are shown only now" }
})

export const state = {
  ...tag,
  summary: "Whether one's password needs a code as well (RFC 6238).",
  ...answers(
    200,
    "And how many recovery codes are left.",
    object({ on: { type: "boolean" }, recoveryCodes: { type: "integer" } })
  )
}

export const begin = {
  ...tag,
  summary: "Begin to set up a second factor.",
  description: justSignedIn,
  ...answers(
    200,
    "What an app needs. It is not on before a code is confirmed.",
    object({
      secret: { ...text, description: "Base32" },
      uri: { ...text, description: "otpauth:, as a square code has it" }
    })
  )
}

export const confirm = {
  ...tag,
  summary: "Turn the second factor on.",
  description: justSignedIn,
  ...body(object({ code })),
  ...answers(200, "It is on.", codes)
}

export const renew = {
  ...tag,
  summary: "Get other recovery codes.",
  description: justSignedIn,
  ...body(object({ code: { ...text, description: "of the app, or a recovery code that is left" } })),
  ...answers(200, "Those of before are worth nothing.", codes)
}

export const off = {
  ...tag,
  summary: "Turn the second factor off.",
  description: "With the cookie of a session, and its token in X-CSRF-Token.",
  ...body(object({ password: { ...text, description: "one's own" } })),
  ...answers(204, "A password is enough.")
}
