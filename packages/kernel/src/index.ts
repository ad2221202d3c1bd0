export * from "./Authority.ts"
export * from "./Integrity.ts"
export type { KernelOptions } from "./internal/makeKernel.ts"
export * from "./Kernel.ts"
export type {
  DispatchCall,
  Dispatcher,
  DomainCallable,
  KernelCallable,
  KernelCallableCall,
  PermissionChange,
  PermissionRecorder,
  PermissionRefusal,
  RecordedNode,
  RefusalListener
} from "./KernelExtensions.ts"
export * from "./KernelModule.ts"
export { jsonItems, type PiecesOptions, piecesResponse } from "./Pieces.ts"
export * from "./SchemaInstaller.ts"
