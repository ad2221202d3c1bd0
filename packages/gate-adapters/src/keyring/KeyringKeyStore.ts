import { KeyStore } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { KeyStoreStartError } from "../keys/KeyStoreStartError.ts"
import { onKeyring } from "./internal/Keyring.ts"

/** Which secrets of the keyring are ours. */
export interface KeyringKeyStoreOptions {
  /** The name that they are kept under, which the keyring's owner sees. Two products need two names. */
  readonly service: string
}

/**
 * Keeps secrets in the keyring of the user whom the process runs as. Fails where there is none, for example on most
 * servers, or where the library has nothing for the platform.
 */
export const make = Effect.fnUntraced(function* ({ service }: KeyringKeyStoreOptions) {
  const unavailable = (message: string) => (cause: unknown) =>
    new KeyStoreStartError({ reason: "Unavailable", message, cause })
  // A native library: only a process that uses a keyring loads it.
  const { osKeyring } = yield* Effect.tryPromise({
    try: () => import("./internal/osKeyring.ts"),
    catch: unavailable("The library for keyrings does not run here.")
  })
  const store = yield* onKeyring(osKeyring(service))
  // Reading one that is not there asks for no permission, and fails where there is no keyring.
  yield* Effect.mapError(store.get("probe"), (error) =>
    unavailable(`No keyring can be used here. ${error.message}`)(error)
  )
  return store
})

/**
 * {@link make} as a layer.
 *
 * @example
 * ```ts no-run
 * import { KeyStore } from "@portico/gate/contracts"
 * import { KeyringKeyStore } from "@portico/gate-adapters/keyring"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const program = Effect.flatMap(KeyStore, ({ put }) => put("mail.password", Redacted.make("secret")))
 *
 * await Effect.runPromise(Effect.provide(program, KeyringKeyStore.layer({ service: "example" })))
 * ```
 */
export const layer = (options: KeyringKeyStoreOptions): Layer.Layer<KeyStore, KeyStoreStartError> =>
  Layer.effect(KeyStore, make(options))
