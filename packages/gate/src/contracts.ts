export * from "./contracts/Authenticator.ts"
export * from "./contracts/Caller.ts"
export * from "./contracts/Observability.ts"
export * from "./GateError.ts"
