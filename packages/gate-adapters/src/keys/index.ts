export type { FileKeyStoreOptions } from "./FileKeyStore.ts"
export * as FileKeyStore from "./FileKeyStore.ts"
export { FileKeyStoreModule } from "./FileKeyStoreModule.ts"
