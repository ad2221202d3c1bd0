import { Gateway } from "@portico/gate"
import { Mailer } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { mailUrl, smtpFields } from "../smtp/SmtpConfig.ts"
import { inDataFolder } from "./internal/inDataFolder.ts"

/** Settings of {@link MailModule}; their keys start with `mail.`. Without `url` nothing is sent. */
export const MailConfig = Schema.Struct({ url: Schema.optionalKey(mailUrl), ...smtpFields })

const layer = Layer.effect(
  Mailer,
  Effect.gen(function* () {
    const { url, ...settings } = yield* Gateway.config(MailConfig)
    if (url === undefined) return yield* inDataFolder(settings.from)
    // Only a process that has a mail server pays for speaking to it.
    const { fromSettings } = yield* Effect.promise(() => import("../smtp/internal/fromSettings.ts"))
    return yield* fromSettings({ url, ...settings })
  })
)

/**
 * Provides `Mailer` with a mail server, if the setting `mail.url` (`PORTICO_MAIL_URL`) names one. Until then each message
 * becomes a file in the folder `outbox` of the data folder, and the log says which.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { MailModule } from "@portico/gate-adapters/mail"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [MailModule]
 * })
 * ```
 */
export const MailModule = Gateway.module.define({
  id: "mail",
  displayName: "Mail",
  description: "Sends mail by SMTP, or writes it to files where no mail server is set.",
  version: "0.1.0",
  provides: [Mailer],
  config: MailConfig,
  layer
})
