/** What browsers answer, as far as it is looked at (WebAuthn Level 3, sections 5.1 and 5.2). Texts are base64url. */
import * as Schema from "effect/Schema"

const bytes = (most: number) =>
  Schema.String.check(Schema.isMaxLength(Math.ceil((most * 4) / 3)), Schema.isPattern(/^[A-Za-z0-9_-]+$/))

/** A credential's id has 1,023 bytes at most. */
const id = bytes(1_023)
const clientDataJSON = bytes(4_096)
const publicKey = Schema.Literal("public-key")

/** A new passkey. */
export const NewCredential = Schema.Struct({
  id,
  rawId: id,
  type: publicKey,
  response: Schema.Struct({
    clientDataJSON,
    attestationObject: bytes(16_384),
    transports: Schema.optionalKey(
      Schema.Array(Schema.String.check(Schema.isMaxLength(20))).check(Schema.isMaxLength(10))
    )
  })
})
export type NewCredential = typeof NewCredential.Type

/** A passkey that was used. */
export const Assertion = Schema.Struct({
  id,
  rawId: id,
  type: publicKey,
  response: Schema.Struct({
    clientDataJSON,
    authenticatorData: bytes(4_096),
    signature: bytes(4_096),
    // Passkeys that are found without a name say whose they are.
    userHandle: bytes(64)
  })
})
export type Assertion = typeof Assertion.Type

const ClientData = Schema.fromJsonString(Schema.Struct({ challenge: Schema.String }))
const decodeClientData = Schema.decodeUnknownOption(ClientData)

/** The challenge that was answered; everything else in there is verified with the signature. */
export const challengeIn = (clientDataJSON: string) =>
  decodeClientData(Buffer.from(clientDataJSON, "base64url").toString("utf8"))
