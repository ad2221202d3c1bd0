import { Gateway } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { mailFrom } from "../internal/mailAddress.ts"
import { parseMailUrl } from "./internal/mailUrl.ts"

const { setting } = Gateway

const MailUrl = Schema.Redacted(
  Schema.String.check(
    Schema.makeFilter((text) => {
      const parsed = parseMailUrl(text)
      return Result.isSuccess(parsed) || parsed.failure
    })
  )
).annotate({ expected: "URL of a mail server" })

const Tls = Schema.Literals(["required", "optional"])
const Timeout = Schema.Int.check(Schema.isBetween({ minimum: 100, maximum: 600_000 }))

/** The setting `mail.url`. */
export const mailUrl = setting(MailUrl, {
  env: "PORTICO_MAIL_URL",
  description:
    "The mail server: smtps://user:password@mail.example.com (TLS from the start, port 465) or smtp://… (STARTTLS, port 587). User and password are percent-encoded, or settings of their own."
})

/** What goes with `mail.url`. */
export const smtpFields = {
  from: mailFrom,
  user: Schema.optionalKey(
    setting(Schema.NonEmptyString, {
      env: "PORTICO_MAIL_USER",
      description: "As whom to log in to the mail server, where its URL does not say so."
    })
  ),
  password: Schema.optionalKey(
    setting(Schema.Redacted(Schema.String), {
      env: "PORTICO_MAIL_PASSWORD",
      description: "The password for the mail server, where its URL has none."
    })
  ),
  tls: setting(Schema.withDecodingDefaultKey<typeof Tls>(Effect.succeed("required"))(Tls), {
    env: "PORTICO_MAIL_TLS",
    description:
      "required: nothing is sent in the clear. optional: it is, where the mail server does not offer STARTTLS. Its certificate is verified in both cases."
  }),
  ca: Schema.optionalKey(
    setting(Schema.NonEmptyString, {
      env: "PORTICO_MAIL_CA",
      description: "File with the certificates (PEM) to trust for the mail server, instead of the well-known ones."
    })
  ),
  timeout: setting(Schema.withDecodingDefaultKey<typeof Timeout>(Effect.succeed(30_000))(Timeout), {
    env: "PORTICO_MAIL_TIMEOUT",
    description: "How long a message may take to be handed over, in milliseconds."
  })
} as const

/** Settings of `SmtpModule`; their keys start with `mail.`. */
export const SmtpConfig = Schema.Struct({ url: mailUrl, ...smtpFields })
