import { AsyncEntry, type EntryOptions, findCredentialsAsync } from "@napi-rs/keyring"
import type { Keyring } from "./Keyring.ts"

// Else the library would take the kernel's keyring where there is no Secret Service, and that one forgets at a restart.
const lasting: EntryOptions = { linux: { store: "secret-service" } }

/** Keychain on macOS, Credential Manager on Windows, the Secret Service (GNOME Keyring, KWallet) on Linux. */
export const osKeyring = (service: string): Keyring => {
  const entry = (name: string) => new AsyncEntry(service, name, lasting)
  // What a constructor throws is a failure like the others.
  return {
    get: async (name, signal) => entry(name).getPassword(signal),
    set: async (name, secret, signal) => entry(name).setPassword(secret, signal),
    delete: async (name, signal) => entry(name).deleteCredential(signal),
    names: async (signal) => (await findCredentialsAsync(service, undefined, signal)).map(({ account }) => account)
  }
}
