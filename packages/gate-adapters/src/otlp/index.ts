export { OtlpConfig, OtlpModule, OtlpStartError } from "./OtlpModule.ts"
