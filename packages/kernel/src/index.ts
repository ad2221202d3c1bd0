export * from "./Authority.ts"
export * from "./Kernel.ts"
export type {
  DispatchCall,
  Dispatcher,
  DomainCallable,
  KernelCallable,
  KernelCallableCall
} from "./KernelExtensions.ts"
export * from "./SchemaInstaller.ts"
