export * from "./contracts/Authenticator.ts"
export * from "./contracts/Caller.ts"
export * from "./GateError.ts"
