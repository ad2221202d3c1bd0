import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { contactParams } from "../../schema/contacts.ts"

/** What the other system sends. */
const Message = Schema.Struct({
  type: Schema.Literals(["contact.created", "contact.updated"]),
  data: Schema.Struct(contactParams)
})
export type Message = typeof Message.Type

const decode = Schema.decodeUnknownEffect(Message)

/** Reads the payload of a message whose signature is right; the sender may still have it wrong. */
export const readMessage = (payload: unknown): Effect.Effect<Message, PorticoError<"INVALID_BODY">> =>
  Effect.mapError(decode(payload), ({ message }) =>
    PorticoError.make("INVALID_BODY", `the message is not one that this webhook takes: ${message}`)
  )
