export type { FolderSourceOptions } from "./FolderSource.ts"
export * as FolderSource from "./FolderSource.ts"
export { FolderSourceConfig, FolderSourceModule } from "./FolderSourceModule.ts"
