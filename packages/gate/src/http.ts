export * from "./contracts/Caller.ts"
export * from "./GateError.ts"
export * from "./HttpTransport.ts"
export * from "./jsonBody.ts"
