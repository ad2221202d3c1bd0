import { FrameworkSettings, Gateway } from "@portico/gate"
import { isMailAddress, Mailer } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Outbox from "./Outbox.ts"

const Address = Schema.String.check(
  Schema.makeFilter((text) => isMailAddress(text) || "an address such as portico@example.com")
)

/** Settings of {@link OutboxModule}; their keys start with `mail.`. */
export const OutboxConfig = Schema.Struct({
  from: Gateway.setting(Schema.withDecodingDefaultKey<typeof Address>(Effect.succeed("portico@localhost"))(Address), {
    env: "PORTICO_MAIL_FROM",
    description: "The address that mail is from."
  })
})

const layer = Layer.effect(
  Mailer,
  Effect.gen(function* () {
    const { from } = yield* Gateway.config(OutboxConfig)
    const { dataDir } = yield* FrameworkSettings
    const path = yield* Path.Path
    return yield* Outbox.make({ folder: path.join(path.resolve(dataDir), "outbox"), from })
  })
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
