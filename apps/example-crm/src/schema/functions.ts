import { fn } from "@portico/schema"
import * as Schema from "effect/Schema"

/** Runs after each install. */
export const seed = fn({
  description: "Makes a few contacts and projects to look at. Leaves alone what is there.",
  returns: Schema.Struct({ created: Schema.Int })
})

/** Takes messages of another system, signed as Standard Webhooks. */
export const inbound = fn({
  description: "Webhook: files the contact that a signed message tells of.",
  auth: "public",
  input: "binary",
  returns: Schema.Struct({ path: Schema.String })
})
