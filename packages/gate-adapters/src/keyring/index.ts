export { KeyStoreStartError, type KeyStoreStartReason } from "../keys/KeyStoreStartError.ts"
export type { KeyringKeyStoreOptions } from "./KeyringKeyStore.ts"
export * as KeyringKeyStore from "./KeyringKeyStore.ts"
export { KeyringConfig, KeyringModule } from "./KeyringModule.ts"
