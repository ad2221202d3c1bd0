import * as Data from "effect/Data"

/**
 * Why a store of secrets did not start. Unless it is `Unavailable`, nothing has been written.
 *
 * - `WrongMasterKey`: the secrets there were encrypted with another key or passphrase.
 * - `NoMasterKey`: the secrets there are encrypted, and neither key nor passphrase is set.
 * - `TwoMasterKeys`: a key and a passphrase are set.
 * - `Unreadable`: what says how secrets are encrypted is gone, was changed, or made by a later version.
 * - `Unavailable`: the place where secrets are kept cannot be used.
 */
export type KeyStoreStartReason = "WrongMasterKey" | "NoMasterKey" | "TwoMasterKeys" | "Unreadable" | "Unavailable"

/** A store of secrets did not start. The message holds no secret. */
export class KeyStoreStartError extends Data.TaggedError("KeyStoreStartError")<{
  readonly reason: KeyStoreStartReason
  readonly message: string
  readonly cause?: unknown
}> {}
