import { Gateway } from "@portico/gate"
import { KeyStore } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as KeyringKeyStore from "./KeyringKeyStore.ts"

const Service = Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,100}$/))

/** Settings of {@link KeyringModule}; their keys start with `keys.`. */
export const KeyringConfig = Schema.Struct({
  service: Gateway.setting(Schema.withDecodingDefaultKey<typeof Service>(Effect.succeed("portico"))(Service), {
    env: "PORTICO_KEYS_SERVICE",
    description: "The name that secrets are kept under in the keyring. Two instances of one user need two names."
  })
})

/**
 * Provides `KeyStore` with the operating system's keyring: for products that people run as themselves, on a machine where
 * they are logged in. A product without a keyring does not start with it.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { KeyringModule } from "@portico/gate-adapters/keyring"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [KeyringModule]
 * })
 * ```
 */
export const KeyringModule = Gateway.module.define({
  id: "keys",
  displayName: "Keys (keyring)",
  description: "Keeps the secrets of modules in the operating system's keyring.",
  version: "0.1.0",
  provides: [KeyStore],
  config: KeyringConfig,
  layer: Layer.effect(KeyStore, Effect.flatMap(Gateway.config(KeyringConfig), KeyringKeyStore.make))
})
