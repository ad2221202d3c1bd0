import { Gateway } from "@portico/gate"
import { Mailer } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { mailFrom } from "../internal/mailAddress.ts"
import { inDataFolder } from "./internal/inDataFolder.ts"

/** Settings of {@link OutboxModule}; their keys start with `mail.`. */
export const OutboxConfig = Schema.Struct({ from: mailFrom })

const layer = Layer.effect(
  Mailer,
  Effect.flatMap(Gateway.config(OutboxConfig), ({ from }) => inDataFolder(from))
)

/**
 * Provides `Mailer` for development: nothing is sent, each message becomes a file in the folder `outbox` of the data
 * folder, and the log says which.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { OutboxModule } from "@portico/gate-adapters/mail"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [OutboxModule]
 * })
 * ```
 */
export const OutboxModule = Gateway.module.define({
  id: "mail",
  displayName: "Mail (outbox)",
  description: "Writes mail to files instead of sending it.",
  version: "0.1.0",
  provides: [Mailer],
  config: OutboxConfig,
  layer
})
