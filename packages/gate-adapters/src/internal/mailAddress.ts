import { Gateway } from "@portico/gate"
import { isMailAddress } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Address = Schema.String.check(
  Schema.makeFilter((text) => isMailAddress(text) || "an address such as portico@example.com")
)

/** The setting `mail.from`, the same for every provider of `Mailer`. */
export const mailFrom = Gateway.setting(
  Schema.withDecodingDefaultKey<typeof Address>(Effect.succeed("portico@localhost"))(Address),
  { env: "PORTICO_MAIL_FROM", description: "The address that mail is from." }
)
