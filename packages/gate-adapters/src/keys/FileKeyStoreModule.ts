import { FrameworkSettings, Gateway } from "@portico/gate"
import { KeyStore } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as FileKeyStore from "./FileKeyStore.ts"

const layer = Layer.effect(
  KeyStore,
  Effect.gen(function* () {
    const { dataDir } = yield* FrameworkSettings
    const path = yield* Path.Path
    return yield* FileKeyStore.make({ folder: path.join(path.resolve(dataDir), "keys") })
  })
)

/**
 * Provides `KeyStore` with the folder `keys` in the data folder: a file for each secret, which only its owner may read.
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
  layer
})
