import { Gateway } from "@portico/gate"
import { Mailer } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { fromSettings } from "./internal/fromSettings.ts"
import { SmtpConfig } from "./SmtpConfig.ts"

/**
 * Provides `Mailer` with a mail server, by SMTP. Without the setting `mail.url` (`PORTICO_MAIL_URL`) the product cannot
 * be planned; `MailModule` of `@portico/gate-adapters/mail` writes mail to files then.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { SmtpModule } from "@portico/gate-adapters/smtp"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [SmtpModule]
 * })
 * ```
 */
export const SmtpModule = Gateway.module.define({
  id: "mail",
  displayName: "Mail (SMTP)",
  description: "Sends mail by SMTP.",
  version: "0.1.0",
  provides: [Mailer],
  config: SmtpConfig,
  layer: Layer.effect(Mailer, Effect.flatMap(Gateway.config(SmtpConfig), fromSettings))
})
