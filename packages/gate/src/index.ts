export * from "./contracts.ts"
export * from "./Diagnostic.ts"
export type {
  Contributed,
  Contribution,
  ExtensionPoint,
  ExtensionPointOptions,
  ExtensionRef
} from "./ExtensionPoint.ts"
export { Extensions } from "./ExtensionPoint.ts"
export { Feature } from "./Feature.ts"
export * from "./Gateway.ts"
export * from "./GatewayBootError.ts"
export * from "./GatewayInstance.ts"
export * from "./HealthCheck.ts"
export { nearest } from "./internal/suggest.ts"
export type * from "./Module.ts"
export type * from "./ModuleState.ts"
export type * from "./Plan.ts"
export { Plan } from "./Plan.ts"
export type * from "./Product.ts"
export * from "./RequestOrigin.ts"
export type * from "./Route.ts"
export { internalPrefix } from "./Route.ts"
export { type SdkFact, SdkMetadata } from "./SdkMetadata.ts"
export type * from "./Settings.ts"
export { FrameworkConfig, FrameworkSettings, ModuleSettings } from "./Settings.ts"
export { Settings } from "./SettingsReference.ts"
export { SocketRpcs } from "./SocketRpcs.ts"
export * from "./StartNotice.ts"
export type * from "./StartTrace.ts"
