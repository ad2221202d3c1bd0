import { FrameworkSettings, Gateway } from "@portico/gate"
import { KeyStore } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as FileKeyStore from "./FileKeyStore.ts"
import { isMasterKey, type MasterKey } from "./internal/masterKey.ts"
import { KeyStoreStartError } from "./KeyStoreStartError.ts"

const Key = Schema.Redacted(Schema.String.check(Schema.makeFilter(isMasterKey))).annotate({
  expected: "key of 32 bytes as base64"
})

const Passphrase = Schema.Redacted(Schema.String.check(Schema.isMinLength(16))).annotate({
  expected: "text of at least 16 characters"
})

/** Settings of {@link FileKeyStoreModule}; their keys start with `keys.`. */
export const FileKeyStoreConfig = Schema.Struct({
  masterKey: Schema.optionalKey(
    Gateway.setting(Key, {
      env: "PORTICO_KEYS_MASTER_KEY",
      description:
        "Encrypts the secrets of modules, for example with what `openssl rand -base64 32` prints. Unset: they are not encrypted. Once set, it has to stay."
    })
  ),
  passphrase: Schema.optionalKey(
    Gateway.setting(Passphrase, {
      env: "PORTICO_KEYS_PASSPHRASE",
      description: "Words to make the master key from (argon2id), instead of setting one."
    })
  )
})

const masterOf = ({ masterKey, passphrase }: typeof FileKeyStoreConfig.Type): MasterKey | undefined => {
  if (masterKey !== undefined) return { _tag: "Key", key: masterKey }
  return passphrase === undefined ? undefined : { _tag: "Passphrase", passphrase }
}

const layer = Layer.effect(
  KeyStore,
  Effect.gen(function* () {
    const settings = yield* Gateway.config(FileKeyStoreConfig)
    if (settings.masterKey !== undefined && settings.passphrase !== undefined) {
      return yield* new KeyStoreStartError({
        reason: "TwoMasterKeys",
        message: 'Both "keys.masterKey" and "keys.passphrase" are set; secrets are encrypted with one of them.'
      })
    }
    const { dataDir } = yield* FrameworkSettings
    const path = yield* Path.Path
    return yield* FileKeyStore.make({ folder: path.join(path.resolve(dataDir), "keys"), master: masterOf(settings) })
  })
)

/**
 * Provides `KeyStore` with the folder `keys` in the data folder: a file for each secret, which only its owner may read,
 * encrypted once there is a master key.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { FileKeyStoreModule } from "@portico/gate-adapters/keys"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [FileKeyStoreModule]
 * })
 * ```
 */
export const FileKeyStoreModule = Gateway.module.define({
  id: "keys",
  displayName: "Keys (files)",
  description: "Keeps the secrets of modules.",
  version: "0.1.0",
  provides: [KeyStore],
  config: FileKeyStoreConfig,
  layer
})
