/** SDK for authors of Portico domains: a schema's methods and functions, and the domain they make. */
export * from "./Domain.ts"
export * from "./Handler.ts"
export * from "./Invocation.ts"
export * from "./Method.ts"
export * from "./RemoteFunction.ts"
export * from "./Webhook.ts"
